/*---
description = "Active members who write, but open no topics"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "members active in the last 30 days who replied, posted or commented in them, and opened no topic"
denominator = "members active in the last 30 days"
people = "members of the smallest of the three groups that is not empty (creators, responders, readers): any two of them tell the third"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Responders"
numerator = "Members active in the last 30 days who replied, posted or commented in them, and opened no topic"
denominator = "Members active in the last 30 days"
window_days = 30
maturity_days = 0
unit = "ratio"
direction = "up"
is_share = true
---*/
select event_date, responders as numerator, active as denominator, smallest as people
from contribution_groups
