/*---
description = "Local days that KPIs are given for: those published, and 60 before them that their bands look back on"
kind = "scratch"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community"
first_date = "first local day with a visit or an act"

[checks]
not_null = ["event_date", "first_date"]
---*/
select event_date, first_date
from calendar_days
where event_date > $watermark - 460 and event_date <= $watermark
