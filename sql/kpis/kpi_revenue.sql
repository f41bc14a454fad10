/*---
description = "Net revenue of the 30 local days up to each"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "payments and purchases less refunds of the last 30 days, in the currency that most of them are made in; amounts of other currencies are left out"
denominator = "null: a plain number"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "people"]

[kpi]
title = "Revenue in the main currency"
numerator = "Payments and purchases less refunds of the last 30 days, in the currency that most of them are made in; amounts of other currencies are left out"
window_days = 30
maturity_days = 0
unit = "cents"
direction = "up"
is_share = false
---*/
select
    days.event_date,
    sums.amount_30 as numerator,
    cast(null as bigint) as denominator,
    measured.members as people
from kpi_days as days
inner join window_sums as sums on days.event_date = sums.event_date
inner join daily_members as measured on days.event_date = measured.event_date
where sums.measure = 'revenue_cents' and measured.measure = 'account_30'
