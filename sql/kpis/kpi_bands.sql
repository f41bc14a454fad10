/*---
description = "What each KPI's same weekdays of the 8 weeks before let expect of a local day; no row where fewer than 5 of them are complete and rest on min_group people or more"
kind = "scratch"
grain = ["kpi", "event_date"]
sort = []

[columns]
kpi = "name of the KPI"
event_date = "local day that is judged"
expected = "median of the values of these days"
low = "expected less 3 x the largest of: 1.4826 x the median absolute deviation, 2 % of expected, 1 of a plain number, 0.005 of a ratio; not below 0 unless a value was"
high = "expected plus the same; of a share not above 1"

[checks]
not_null = ["kpi", "event_date", "expected", "low", "high"]
---*/
with weeks as (
    select cast(7 * weeks as int) as days from (select unnest(generate_series(1, 8)) as weeks) as numbers
),

-- only numbers that can be published: a band must not tell of those held back
history as (
    select points.kpi, points.event_date + weeks.days as event_date, points.value, points.denominator is not null as is_ratio
    from kpi_points as points
    cross join weeks
    where points.is_complete and points.people >= $min_group
),

medians as (
    select kpi, event_date, median(value) as expected, min(value) as lowest, bool_or(is_ratio) as is_ratio
    from history
    group by kpi, event_date
    having count(*) >= 5
),

deviations as (
    select history.kpi, history.event_date, median(abs(history.value - medians.expected)) as mad
    from medians
    inner join history on medians.kpi = history.kpi and medians.event_date = history.event_date
    group by history.kpi, history.event_date
),

-- the floors keep a number that hardly ever changed from being unusual as soon as it does
margins as (
    select
        medians.kpi,
        medians.event_date,
        medians.expected,
        medians.lowest,
        3 * greatest(
            1.4826 * deviations.mad,
            0.02 * abs(medians.expected),
            case when medians.is_ratio then cast(0.005 as double) else cast(1 as double) end
        ) as margin
    from medians
    inner join deviations on medians.kpi = deviations.kpi and medians.event_date = deviations.event_date
),

final as (
    select
        margins.kpi,
        margins.event_date,
        margins.expected,
        greatest(margins.expected - margins.margin, case when margins.lowest >= 0 then cast(0 as double) end) as low,
        least(margins.expected + margins.margin, case when registry.is_share then cast(1 as double) end) as high
    from kpi_registry as registry
    inner join margins on registry.kpi = margins.kpi
)

select * from final
