/*---
description = "Members active in the 7 local days up to each"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "distinct members active in the last 7 days; being charged is not activity"
denominator = "null: a plain number"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "people"]

[kpi]
title = "Weekly active members"
numerator = "Distinct members active in the last 7 days; being charged is not activity"
window_days = 7
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
where measured.measure = 'active_7'
