/*---
description = "Distinct members counted by each measure on each local day from the first that has any, for the days of KPIs and 30 before them: the steps up to that day, added up"
kind = "scratch"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "who is counted, and the window in days: active_1, active_7, active_30, rater_30, creator_30 (opened a topic), contributor_30 (or wrote in one, or a comment), starter_30 (of a course), charged_30, refunded_30, payer_30 (charged in the main currency), account_30 (or refunded in it), plan_1, plan_30, plan_lesson_30, plan_kept"
event_date = "local day of the community"
members = "distinct members"

[checks]
not_null = ["measure", "event_date", "members"]
---*/
with measures as (
    select measure, min(event_date) as first_date
    from window_steps
    group by measure
),

days as (
    select event_date
    from calendar_days
    where event_date > $watermark - 520 and event_date <= $watermark
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
    cross join days
    left join window_steps as steps on measures.measure = steps.measure and days.event_date = steps.event_date
    where days.event_date >= measures.first_date
)

select * from final
