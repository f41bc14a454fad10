/*---
description = "How much a member cares for a course: weighted acts and the time on its lessons, worth half after half_life_days, plus how far the rating lies above the middle of the scale (an opinion does not fade); members who refuse personalisation are left out"
kind = "table"
grain = ["user_id", "course_id"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
affinity = "weighted acts and hours, plus stars above the middle of the scale, to 6 decimals; negative = disliked, 0 = acts long past"
rating = "rating that stands, stars; null = not rated"
acts = "acts on the course, ratings included"
last_date = "local day of the last of them"
recency = "what is left of it, fading four times as fast as affinity, 0 to 1, to 9 decimals"
is_learner = "whether the member saw a lesson of it, completed or rated it"
is_completed = "whether the member completed it"

[checks]
not_null = ["user_id", "course_id", "affinity", "acts", "last_date", "recency", "is_learner", "is_completed"]
---*/
with final as (
    select
        courses.user_id,
        courses.course_id,
        cast(
            courses.all_affinity_micro + coalesce(cast(round(
                1000000 * (opinions.rating - (cast($rating_min as double) + $rating_max) / 2)
            ) as bigint), 0)
            as double
        ) / 1000000 as affinity,
        opinions.rating,
        courses.all_acts as acts,
        courses.all_last_date as last_date,
        round(
            1000000000 * power(cast(0.5 as double), 4 * cast($as_of_date - courses.all_last_date as double) / $half_life_days)
        ) / 1000000000 as recency,
        courses.all_learned as is_learner,
        courses.all_completed as is_completed
    from member_courses as courses
    left join latest_ratings as opinions
        on courses.user_id = opinions.user_id and courses.course_id = opinions.course_id
    left join stg_refused as refused on courses.user_id = refused.user_id
    where refused.user_id is null
)

select * from final
