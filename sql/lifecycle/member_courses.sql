/*---
description = "What a member did with a course, all days added up: up to the watermark, and with all there is"
kind = "scratch"
grain = ["user_id", "course_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
first_at = "instant of the first act, UTC; null = none by the watermark"
first_date = "local day of the first act; null = none by the watermark"
started_date = "first local day with a view of a lesson; null = none by the watermark"
completed_date = "local day of the first completion; null = not completed by the watermark"
learned_date = "last local day, up to the watermark, on which the member saw a lesson, completed or rated the course; null = none"
last_date = "last local day with an act; null = none by the watermark"
active_days = "local days with an act, up to the watermark"
lesson_views = "lesson views up to the watermark"
all_acts = "acts, those after the watermark too"
all_last_date = "local day of the last of them"
all_learned = "whether the member saw a lesson, completed or rated the course, after the watermark too"
all_completed = "whether the member completed the course, after the watermark too"
all_affinity_micro = "their weights, each worth half after half_life_days, millionths; see course_affinity"

[checks]
not_null = ["user_id", "course_id", "active_days", "lesson_views", "all_acts", "all_last_date", "all_learned", "all_completed", "all_affinity_micro"]
expressions = { touched_is_whole = "(active_days > 0) = (first_date is not null) and (active_days > 0) = (last_date is not null)" }
---*/
-- the only pass over all days of members and courses: affinity, learners and paths read this one
with days as (
    select
        *,
        event_date <= $watermark as is_whole,
        -- in millionths before the sum, so that its order does not matter
        cast(round(
            weight_micro * power(cast(0.5 as double), cast($as_of_date - event_date as double) / $half_life_days)
        ) as bigint) as affinity_micro
    from member_course_days
),

final as (
    select
        user_id,
        course_id,
        min(first_at) filter (where is_whole) as first_at,
        min(event_date) filter (where is_whole) as first_date,
        min(event_date) filter (where is_whole and lesson_views > 0) as started_date,
        min(event_date) filter (where is_whole and completions > 0) as completed_date,
        max(event_date) filter (where is_whole and (lesson_views > 0 or completions > 0 or ratings > 0)) as learned_date,
        max(event_date) filter (where is_whole) as last_date,
        count(*) filter (where is_whole) as active_days,
        cast(coalesce(sum(lesson_views) filter (where is_whole), 0) as bigint) as lesson_views,
        cast(sum(acts) as bigint) as all_acts,
        max(event_date) as all_last_date,
        bool_or(lesson_views > 0 or completions > 0 or ratings > 0) as all_learned,
        bool_or(completions > 0) as all_completed,
        cast(sum(affinity_micro) as bigint) as all_affinity_micro
    from days
    group by user_id, course_id
)

select * from final
