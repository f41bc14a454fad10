select
    kpi,
    title,
    unit,
    event_date as day,
    value,
    change,
    is_unusual
from kpi_snapshot
order by kpi
