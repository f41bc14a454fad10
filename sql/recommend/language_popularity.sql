/*---
description = "Courses by their learners who speak a language, as course_popularity counts them; courses of fewer than min_group of them are left out"
kind = "table"
grain = ["language", "rank"]
sort = []

[columns]
language = "language code of the learners, lowercase"
course_id = "the site's id of the course"
rank = "place within the language, from 1; equal scores go by learners, then by id"
score = "learners, each faded by the days since the last act, to 6 decimals"
learners = "distinct members, at least min_group"

[checks]
not_null = ["language", "course_id", "rank", "score", "learners"]
---*/
with speakers as (
    select user_id, language
    from stg_members
    where language is not null
),

learners as (
    select
        speakers.language,
        affinities.course_id,
        cast(round(
            1000000 * power(cast(0.5 as double), cast($as_of_date - affinities.last_date as double) / $half_life_days)
        ) as bigint) as score_micro
    from speakers
    inner join course_affinity as affinities on speakers.user_id = affinities.user_id
    where affinities.rating is null or affinities.rating >= (cast($rating_min as double) + $rating_max) / 2
),

scored as (
    select language, course_id, cast(sum(score_micro) as bigint) as score_micro, count(*) as learners
    from learners
    group by language, course_id
    having count(*) >= $min_group
),

final as (
    select
        language,
        course_id,
        cast(row_number() over (partition by language order by score_micro desc, learners desc, course_id) as int) as rank,
        cast(score_micro as double) / 1000000 as score,
        learners
    from scored
)

select * from final
