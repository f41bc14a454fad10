union all
select
    $kpi as kpi,
    $title as title,
    $numerator as numerator,
    cast($denominator as varchar) as denominator,
    cast($window_days as int) as window_days,
    cast($maturity_days as int) as maturity_days,
    $unit as unit,
    $direction as direction,
    $is_share as is_share
