/*---
description = "Local days that KPIs are given for: those published, and 90 before them that their bands look back on"
kind = "scratch"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community"

[checks]
not_null = ["event_date"]
---*/
select event_date
from calendar_days
where event_date > $watermark - 490 and event_date <= $watermark
