/*---
description = "Distinct members counted by each measure on each local day: the steps up to that day, added up"
kind = "scratch"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "what is counted, and the window in days: active, lesson, rater, payer, plan, plan_lesson (on a plan and saw a lesson)"
event_date = "local day of the community"
members = "distinct members"

[checks]
not_null = ["measure", "event_date", "members"]
---*/
with measures as (
    select distinct measure from span_steps
),

final as (
    select
        measures.measure,
        days.event_date,
        cast(sum(coalesce(steps.step, 0)) over (
            partition by measures.measure
            order by days.event_date
            rows between unbounded preceding and current row
        ) as bigint) as members
    from measures
    cross join calendar_days as days
    left join span_steps as steps on measures.measure = steps.measure and days.event_date = steps.event_date
)

select * from final
