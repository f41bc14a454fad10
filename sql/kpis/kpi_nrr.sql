/*---
description = "Recurring revenue kept and grown from the members who paid 30 days ago"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "what the members on a plan 30 days before pay a month on the day, in the currency that most are charged in: with expansion, less contraction and churn"
denominator = "what they paid a month then"
people = "distinct members who paid 30 days ago and pay the same now, or the others of those who paid then, whichever are fewer but not none"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Net revenue retention"
numerator = "What the members on a plan 30 days before pay a month on the day, in the currency that most are charged in: with expansion, less contraction and churn"
denominator = "What they paid a month then"
window_days = 31
maturity_days = 0
unit = "ratio"
direction = "up"
is_share = false
---*/
select
    event_date,
    net_cents as numerator,
    opening_cents as denominator,
    -- the ratio tells as much of those who changed as of those who did not
    least(nullif(same_members, 0), coalesce(nullif(opening_members - same_members, 0), opening_members)) as people
from rolling_revenue
