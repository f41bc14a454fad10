/*---
description = "Each KPI once: its last complete day (its last day where none is complete yet), whether it is what the weekday lets expect, and the change from 7 local days before"
kind = "table"
grain = ["kpi"]
sort = []

[columns]
kpi = "name of the KPI"
title = "name for people"
definition = "what is counted, and what it is divided by"
unit = "members, visits, views, cents (hundredths of the currency), ratio, stars or hours"
direction = "up = more is better, down = less is, none = neither"
window_days = "days that the number looks back on, the day itself included"
maturity_days = "days after the window until the number is final"
event_date = "local day of the community: the last of the KPI's window"
value = "the number, in its unit; null = held back"
numerator = "numerator; null = held back"
denominator = "denominator; null = held back, or a plain number"
previous_value = "the number 7 days before; null = held back, or not complete"
change = "value minus previous_value, in the unit; null as these"
low = "the least that the same weekdays before let expect, as in kpi_daily"
high = "the most that they let expect"
is_unusual = "whether value lies outside of low to high; null = not complete, nothing to compare with, or held back"
is_complete = "whether the site has data for the whole window, and the number is final"
completeness = "part of the window that the site has data for, 0 to 1"
suppressed = "whether the number is held back"

[checks]
not_null = ["kpi", "title", "definition", "unit", "direction", "window_days", "maturity_days", "event_date", "is_complete", "completeness", "suppressed"]
accepted = { direction = ["up", "down", "none"] }
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

beginnings as (
    select kpi, min(first_date) as first_date
    from kpi_points
    group by kpi
),

final as (
    select
        latest.kpi,
        registry.title,
        concat_ws(' / ', registry.numerator, registry.denominator) as definition,
        registry.unit,
        registry.direction,
        registry.window_days,
        registry.maturity_days,
        latest.event_date,
        latest.value,
        latest.numerator,
        latest.denominator,
        previous.value as previous_value,
        latest.value - previous.value as change,
        latest.low,
        latest.high,
        latest.is_unusual,
        latest.is_complete,
        least(
            cast(latest.event_date - beginnings.first_date + 1 as double) / registry.window_days,
            cast(1 as double)
        ) as completeness,
        -- what publication held back is null, and so is the count it rests on
        latest.value is null and latest.people is null as suppressed
    from latest
    inner join kpi_registry as registry on latest.kpi = registry.kpi
    inner join beginnings on latest.kpi = beginnings.kpi
    left join previous on latest.kpi = previous.kpi and latest.event_date = previous.event_date
)

select * from final
