select
    title,
    case
        when value is null then 'held back'
        when unit = 'ratio' then concat(cast(round(value * 100, 1) as varchar), ' %')
        else concat(regexp_replace(cast(round(value, 2) as varchar), '\.0$', ''), ' ', unit)
    end as value,
    case
        when change is null then ''
        when unit = 'ratio' then concat(case when change >= 0 then '+' else '' end, cast(round(change * 100, 1) as varchar), ' points')
        else concat(case when change >= 0 then '+' else '' end, regexp_replace(cast(round(change, 2) as varchar), '\.0$', ''))
    end as "in 7 days",
    event_date as day
from kpi_snapshot
order by kpi
