/*---
description = "How much a member cares for each subject: the affinity to the courses that carry the tag, added up; courses disliked count nothing"
kind = "table"
grain = ["user_id", "tag"]
sort = []

[columns]
user_id = "pseudonym of the member"
tag = "subject, lowercase"
weight = "affinity to the courses with the tag (see course_affinity), to 6 decimals"
share = "part of the member's weights, 0 to 1"

[checks]
not_null = ["user_id", "tag", "weight", "share"]
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

weighted as (
    select liked.user_id, course_tags.tag, cast(sum(liked.affinity_micro) as bigint) as weight_micro
    from liked
    inner join course_tags on liked.course_id = course_tags.course_id
    group by liked.user_id, course_tags.tag
),

totals as (
    select user_id, cast(sum(weight_micro) as bigint) as total_micro
    from weighted
    group by user_id
),

final as (
    select
        weighted.user_id,
        weighted.tag,
        cast(weighted.weight_micro as double) / 1000000 as weight,
        cast(weighted.weight_micro as double) / totals.total_micro as share
    from weighted
    inner join totals on weighted.user_id = totals.user_id
)

select * from final
