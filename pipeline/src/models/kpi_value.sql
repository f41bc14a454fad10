union all
select
    $kpi as kpi,
    event_date,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(people as bigint) as people
from $model
