/*---
description = "How many of the month's active members a day sees, on average"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "daily active members, added up over the last 30 days"
denominator = "members active in the last 30 days, times 30"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Stickiness"
numerator = "Daily active members, added up over the last 30 days"
denominator = "Members active in the last 30 days, times 30"
window_days = 30
maturity_days = 0
unit = "ratio"
direction = "up"
is_share = false
---*/
select
    days.event_date,
    sums.amount_30 as numerator,
    30 * measured.members as denominator,
    measured.members as people
from kpi_days as days
inner join window_sums as sums on days.event_date = sums.event_date
inner join daily_members as measured on days.event_date = measured.event_date
where sums.measure = 'active_days' and measured.measure = 'active_30'
