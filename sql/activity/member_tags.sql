/*---
description = "How much a member cares for each subject: the affinity to the courses that carry the tag, added up; courses disliked count nothing"
kind = "scratch"
grain = ["user_id", "tag"]
sort = []

[columns]
user_id = "pseudonym of the member"
tag = "subject, lowercase"
weight_micro = "affinity to the courses with the tag (see course_affinity), millionths"

[checks]
not_null = ["user_id", "tag", "weight_micro"]
---*/
with spelled_tags as (
    select course_id, unnest(tags) as spelling from stg_courses
),

course_tags as (
    select distinct course_id, lower(trim(spelling)) as tag
    from spelled_tags
    where trim(spelling) <> ''
),

liked as (
    select user_id, course_id, cast(round(affinity * 1000000) as bigint) as affinity_micro
    from course_affinity
    where affinity > 0
),

final as (
    select liked.user_id, course_tags.tag, cast(sum(liked.affinity_micro) as bigint) as weight_micro
    from course_tags
    inner join liked on course_tags.course_id = liked.course_id
    group by liked.user_id, course_tags.tag
)

select * from final
