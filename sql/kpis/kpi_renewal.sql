/*---
description = "Members whose paid period ran out and who were paid for again"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "members whose paid period ended in the last 30 days, with a period that begins at most 7 days after that end and reaches beyond it"
denominator = "members whose paid period ended in the last 30 days"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Renewal"
numerator = "Members whose paid period ended in the last 30 days, with a period that begins at most 7 days after that end and reaches beyond it"
denominator = "Members whose paid period ended in the last 30 days"
window_days = 30
maturity_days = 7
unit = "ratio"
direction = "up"
is_share = true
---*/
select event_date, renewed as numerator, due as denominator, due as people
from due_renewals
