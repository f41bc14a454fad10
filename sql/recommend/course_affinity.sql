/*---
description = "How much a member cares for a course: weighted acts, each worth half after half_life_days, plus how far the rating lies above the middle of the scale (an opinion does not fade); members who refuse personalisation are left out"
kind = "table"
grain = ["user_id", "course_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
affinity = "weighted acts plus stars above the middle of the scale, to 6 decimals; negative = disliked, 0 = acts long past"
rating = "rating that stands, stars; null = not rated"
acts = "acts on the course, ratings included"
last_date = "local day of the last of them"

[checks]
not_null = ["user_id", "course_id", "affinity", "acts", "last_date"]
---*/
-- in millionths before the sum, so that its order does not matter
with faded as (
    select
        user_id,
        course_id,
        event_date,
        acts,
        cast(round(
            weight_micro * power(cast(0.5 as double), cast($as_of_date - event_date as double) / $half_life_days)
        ) as bigint) as affinity_micro
    from member_course_days
),

summed as (
    select
        user_id,
        course_id,
        cast(sum(affinity_micro) as bigint) as affinity_micro,
        cast(sum(acts) as bigint) as acts,
        max(event_date) as last_date
    from faded
    group by user_id, course_id
),

final as (
    select
        summed.user_id,
        summed.course_id,
        cast(
            summed.affinity_micro + coalesce(cast(round(
                1000000 * (opinions.rating - (cast($rating_min as double) + $rating_max) / 2)
            ) as bigint), 0)
            as double
        ) / 1000000 as affinity,
        opinions.rating,
        summed.acts,
        summed.last_date
    from summed
    left join latest_ratings as opinions
        on summed.user_id = opinions.user_id and summed.course_id = opinions.course_id
    left join stg_refused as refused on summed.user_id = refused.user_id
    where refused.user_id is null
)

select * from final
