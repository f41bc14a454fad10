/*---
description = "What the time that a member dwelt on the lessons of a course adds to the affinity"
kind = "scratch"
grain = ["user_id", "course_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
affinity_micro = "hours times dwell_hour, each worth half after half_life_days, millionths"

[checks]
not_null = ["user_id", "course_id", "affinity_micro"]
---*/
with final as (
    select
        user_id,
        course_id,
        -- in millionths before the sum, so that its order does not matter
        cast(sum(cast(round(
            dwell_s * ($dwell_hour * 1000000 / 3600)
            * power(cast(0.5 as double), cast($as_of_date - event_date as double) / $half_life_days)
        ) as bigint)) as bigint) as affinity_micro
    from lesson_days
    -- the longest of the tables by day is not read where its time weighs nothing
    where dwell_s > 0 and $dwell_hour > 0
    group by user_id, course_id
)

select * from final
