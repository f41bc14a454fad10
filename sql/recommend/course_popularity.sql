/*---
description = "Courses by their learners, of whom each counts half after half_life_days without an act; who rated a course below the middle of the scale does not count; courses of fewer than min_group learners are left out"
kind = "table"
grain = ["rank"]
sort = []

[columns]
course_id = "the site's id of the course"
rank = "place, from 1; equal scores go by learners, then by id"
score = "learners, each faded by the days since the last act, to 6 decimals"
trending = "learners, each faded four times as fast, to 6 decimals: what is taken now"
learners = "distinct members, at least min_group"

[checks]
not_null = ["course_id", "rank", "score", "trending", "learners"]
---*/
with learners as (
    select
        course_id,
        cast(round(
            1000000 * power(cast(0.5 as double), cast($as_of_date - last_date as double) / $half_life_days)
        ) as bigint) as score_micro,
        cast(round(
            1000000 * power(cast(0.5 as double), 4 * cast($as_of_date - last_date as double) / $half_life_days)
        ) as bigint) as trending_micro
    from course_affinity
    where rating is null or rating >= (cast($rating_min as double) + $rating_max) / 2
),

scored as (
    select
        course_id,
        cast(sum(score_micro) as bigint) as score_micro,
        cast(sum(trending_micro) as bigint) as trending_micro,
        count(*) as learners
    from learners
    group by course_id
    having count(*) >= $min_group
),

final as (
    select
        course_id,
        cast(row_number() over (order by score_micro desc, learners desc, course_id) as int) as rank,
        cast(score_micro as double) / 1000000 as score,
        cast(trending_micro as double) / 1000000 as trending,
        learners
    from scored
)

select * from final
