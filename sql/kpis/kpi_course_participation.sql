/*---
description = "Paying members who learn"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "members on a plan on any of the last 30 days, with a lesson view in them"
denominator = "members on a plan on any of the last 30 days"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Course participation"
numerator = "Members on a plan on any of the last 30 days, with a lesson view in them"
denominator = "Members on a plan on any of the last 30 days"
window_days = 30
maturity_days = 0
unit = "ratio"
direction = "up"
is_share = true
---*/
with measured as (
    select
        event_date,
        max(members) filter (where measure = 'plan_lesson_30') as part,
        max(members) filter (where measure = 'plan_30') as whole
    from daily_members
    where measure in ('plan_lesson_30', 'plan_30')
    group by event_date
),

final as (
    select days.event_date, measured.part as numerator, measured.whole as denominator, measured.whole as people
    from kpi_days as days
    inner join measured on days.event_date = measured.event_date
    -- payments may reach further back than the access log: without lessons there is nothing to take part in
    where measured.whole is not null and measured.part is not null
)

select * from final
