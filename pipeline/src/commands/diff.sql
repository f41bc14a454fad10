select
    kpi,
    unit,
    event_date,
    value
from kpi_snapshot
order by kpi
