/*---
description = "Each KPI once: its last complete day (its last day where none is complete yet), and the change from 7 local days before"
kind = "table"
grain = ["kpi"]
sort = []

[columns]
kpi = "name of the KPI"
title = "name for people"
definition = "what is counted, over which window"
unit = "members, visits, views, cents (hundredths of the site's one currency) or ratio (0 to 1)"
direction = "up = more is better, none = neither"
event_date = "local day of the community: the last of the KPI's window"
value = "the number, in its unit; null = held back, or nothing to divide by"
numerator = "numerator; null = held back"
denominator = "denominator; null = held back, or a plain number"
previous_value = "the number 7 days before; null = held back, or not complete"
change = "value minus previous_value, in the unit"
is_complete = "whether the site has data for the whole window"
suppressed = "whether the number is held back"

[checks]
not_null = ["kpi", "title", "definition", "unit", "direction", "event_date", "is_complete", "suppressed"]
---*/
with latest as (
    select *
    from kpi_daily
    qualify row_number() over (
        partition by kpi
        order by case when is_complete then 0 else 1 end, event_date desc
    ) = 1
),

previous as (
    select kpi, event_date + 7 as event_date, value
    from kpi_daily
    where is_complete
),

final as (
    select
        latest.kpi,
        catalog.title,
        catalog.definition,
        catalog.unit,
        catalog.direction,
        latest.event_date,
        latest.value,
        latest.numerator,
        latest.denominator,
        previous.value as previous_value,
        latest.value - previous.value as change,
        latest.is_complete,
        latest.suppressed
    from latest
    inner join kpi_catalog as catalog on latest.kpi = catalog.kpi
    left join previous on latest.kpi = previous.kpi and latest.event_date = previous.event_date
)

select * from final
