/*---
description = "For each local day on which a member was active, how long before the member last was, and the same for lessons: from these distances, distinct members of a trailing window are counted by adding up"
kind = "table"
grain = ["user_id", "event_date"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member"
event_date = "local day of the community"
days_since_active = "days from the member's active day before; 30 = 30 or more, or none before"
days_since_lesson = "days from the member's day with a lesson view before; 30 = 30 or more, or none before; null = no lesson view on the day"

[checks]
not_null = ["user_id", "event_date", "days_since_active"]
expressions = { in_window = "days_since_active between 1 and 30" }

[incremental]
day = "event_date"
lookback_days = 30
---*/
with days as (
    select user_id, event_date, case when lesson_views > 0 then event_date end as lesson_date
    from member_days
),

preceded as (
    select
        *,
        max(event_date) over earlier as previous_date,
        max(lesson_date) over earlier as previous_lesson_date
    from days
    window earlier as (
        partition by user_id order by event_date rows between unbounded preceding and 1 preceding
    )
),

final as (
    select
        user_id,
        event_date,
        cast(least(coalesce(event_date - previous_date, 30), 30) as int) as days_since_active,
        case
            when lesson_date is not null
                then cast(least(coalesce(lesson_date - previous_lesson_date, 30), 30) as int)
        end as days_since_lesson
    from preceded
)

select * from final
