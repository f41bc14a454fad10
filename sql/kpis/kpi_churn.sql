/*---
description = "Members on a plan 30 days ago who no longer are"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "members on a plan 30 days before and not on the day"
denominator = "members on a plan 30 days before"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Churn"
numerator = "Members on a plan 30 days before and not on the day"
denominator = "Members on a plan 30 days before"
window_days = 31
maturity_days = 0
unit = "ratio"
direction = "down"
is_share = true
---*/
with measured as (
    select
        event_date,
        coalesce(max(members) filter (where measure = 'plan_kept'), 0) as kept,
        coalesce(lag(max(members) filter (where measure = 'plan_1'), 30) over (order by event_date), 0) as opening
    from daily_members
    where measure in ('plan_1', 'plan_kept')
    group by event_date
),

final as (
    select
        days.event_date,
        measured.opening - measured.kept as numerator,
        measured.opening as denominator,
        measured.opening as people
    from kpi_days as days
    inner join measured on days.event_date = measured.event_date
)

select * from final
