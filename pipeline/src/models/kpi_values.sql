/*---
description = "Every KPI of the registry by local day: numerator, denominator, and the people that the numbers rest on"
kind = "view"
grain = ["kpi", "event_date"]

[columns]
kpi = "name of the KPI"
event_date = "local day that the KPI's window ends with"
numerator = "above the line, in the KPI's unit; of a plain number, the number"
denominator = "below the line; null = a plain number"
people = "members that the numbers rest on; null = they rest on none"
---*/
select
    '' as kpi,
    cast(null as date) as event_date,
    cast(null as bigint) as numerator,
    cast(null as bigint) as denominator,
    cast(null as bigint) as people
where false
