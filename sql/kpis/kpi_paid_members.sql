/*---
description = "Members on a plan on each local day"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "distinct members whose paid period covers the day"
denominator = "null: a plain number"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "people"]

[kpi]
title = "Paid members"
numerator = "Distinct members whose paid period covers the day"
window_days = 1
maturity_days = 0
unit = "members"
direction = "up"
is_share = false
---*/
select
    days.event_date,
    measured.members as numerator,
    cast(null as bigint) as denominator,
    measured.members as people
from kpi_days as days
inner join daily_members as measured on days.event_date = measured.event_date
where measured.measure = 'plan_1'
