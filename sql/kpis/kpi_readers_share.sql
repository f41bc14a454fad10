/*---
description = "Active members who only read"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "members active in the last 30 days who neither opened a topic nor replied, posted or commented in them"
denominator = "members active in the last 30 days"
people = "members of the smallest of the three groups that is not empty (creators, responders, readers): any two of them tell the third"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Readers"
numerator = "Members active in the last 30 days who neither opened a topic nor replied, posted or commented in them"
denominator = "Members active in the last 30 days"
window_days = 30
maturity_days = 0
unit = "ratio"
direction = "none"
is_share = true
---*/
select event_date, readers as numerator, active as denominator, smallest as people
from contribution_groups
