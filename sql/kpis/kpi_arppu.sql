/*---
description = "Net revenue per paying member"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "payments and purchases less refunds of the last 30 days, in the currency that most of them are made in"
denominator = "members with a payment or purchase in this currency in these days"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Revenue per paying member in the main currency"
numerator = "Payments and purchases less refunds of the last 30 days, in the currency that most of them are made in"
denominator = "Members with a payment or purchase in this currency in these days"
window_days = 30
maturity_days = 0
unit = "cents"
direction = "up"
is_share = false
---*/
select
    days.event_date,
    sums.amount_30 as numerator,
    measured.members as denominator,
    measured.members as people
from kpi_days as days
inner join window_sums as sums on days.event_date = sums.event_date
inner join daily_members as measured on days.event_date = measured.event_date
where sums.measure = 'revenue_cents' and measured.measure = 'payer_30' and measured.members > 0
