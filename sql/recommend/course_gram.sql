/*---
description = "How many members chose both of two courses: the Gram matrix of choices, and with what is left of the second one it is what is chosen now beside the first; read where recommend.ease.gram is sql"
kind = "view"
grain = ["course_id", "other_course_id"]
sort = []

[columns]
course_id = "the site's id of a course"
other_course_id = "the site's id of a course, the same one included"
members = "members with a positive affinity to both"
recency = "what is left of the second one, fading four times as fast as affinity, summed over these members"

[checks]
not_null = ["course_id", "other_course_id", "members", "recency"]
---*/
with choices as (
    select
        user_id,
        course_id,
        -- whole numbers add up to the same sum in any order
        cast(round(1000000000 * recency) as bigint) as recency_nano
    from course_affinity
    where affinity > 0
),

final as (
    select
        ones.course_id,
        others.course_id as other_course_id,
        count(*) as members,
        cast(sum(others.recency_nano) as double) / 1000000000 as recency
    from choices as ones
    inner join choices as others on ones.user_id = others.user_id
    group by ones.course_id, others.course_id
)

select * from final
