/*---
description = "Stretches of local days on which members count by their plan, and how many have each: those of one member and measure never overlap"
kind = "scratch"
grain = ["measure", "start_date", "end_date"]
sort = []

[columns]
measure = "plan_1 = on a plan on the day; plan_30 = on any of the last 30 days; plan_lesson_30 = that, and saw a lesson in them; plan_kept = on a plan both on the day and 30 days before"
start_date = "first local day on which they count"
end_date = "first local day on which they no longer count"
members = "distinct members"

[checks]
not_null = ["measure", "start_date", "end_date", "members"]
---*/
with spells as (
    select window_days, user_id, start_date, end_date
    from paid_spells
    where end_date > $watermark - 550 and start_date <= $watermark
),

-- a lesson counts for the days that the lesson before does not cover
lessons as (
    select
        user_id,
        event_date + 30 - days_since_lesson as start_date,
        event_date + 30 as end_date
    from member_gaps
    where days_since_lesson is not null and event_date > $watermark - 550 and event_date <= $watermark
),

spans as (
    select concat('plan_', cast(window_days as varchar)) as measure, start_date, end_date
    from spells
    union all
    select
        'plan_lesson_30' as measure,
        greatest(spells.start_date, lessons.start_date) as start_date,
        least(spells.end_date, lessons.end_date) as end_date
    from spells
    inner join lessons on spells.user_id = lessons.user_id
    where spells.window_days = 30
        and spells.start_date < lessons.end_date
        and lessons.start_date < spells.end_date
    union all
    select
        'plan_kept' as measure,
        greatest(before.start_date + 30, after.start_date) as start_date,
        least(before.end_date + 30, after.end_date) as end_date
    from spells as before
    inner join spells as after on before.user_id = after.user_id
    where before.window_days = 1
        and after.window_days = 1
        and before.start_date + 30 < after.end_date
        and after.start_date < before.end_date + 30
),

final as (
    select measure, start_date, end_date, count(*) as members
    from spans
    group by measure, start_date, end_date
)

select * from final
