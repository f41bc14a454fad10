/*---
description = "By how many members each measure rises and falls on each local day: members whose stretch begins less members whose stretch is over"
kind = "scratch"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "what is counted, and the window in days: active, lesson, rater, payer, plan, plan_lesson (on a plan and saw a lesson)"
event_date = "local day of the community; what changed before the first day of the calendar stands on that day"
step = "members gained less members lost"

[checks]
not_null = ["measure", "event_date", "step"]
---*/
with plan_spans as (
    select concat('plan_', cast(window_days as varchar)) as measure, user_id, start_date, end_date
    from paid_spells
),

spans as (
    select measure, user_id, start_date, end_date from trailing_spans
    union all
    select measure, user_id, start_date, end_date from plan_spans
    union all
    select
        'plan_lesson_30' as measure,
        plans.user_id,
        greatest(plans.start_date, lessons.start_date) as start_date,
        least(plans.end_date, lessons.end_date) as end_date
    from plan_spans as plans
    inner join trailing_spans as lessons on plans.user_id = lessons.user_id
    where plans.measure = 'plan_30'
        and lessons.measure = 'lesson_30'
        and plans.start_date < lessons.end_date
        and lessons.start_date < plans.end_date
),

-- both ends of a span in one pass
ends as (
    select * from (values (1), (-1)) as ends (step)
),

first_day as (
    select min(event_date) as event_date from calendar_days
),

steps as (
    select
        spans.measure,
        greatest(case ends.step when 1 then spans.start_date else spans.end_date end, first_day.event_date) as event_date,
        ends.step
    from spans
    cross join ends
    cross join first_day
),

final as (
    select measure, event_date, cast(sum(step) as bigint) as step
    from steps
    group by measure, event_date
)

select * from final
