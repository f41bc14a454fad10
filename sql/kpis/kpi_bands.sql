/*---
description = "What each KPI's same weekdays of the 3 weeks before let expect of a local day, and how far off that usually is; no row where one of the three is not complete or rests on fewer than min_group people, or where fewer than 28 of the 56 days before can tell how far off it is"
kind = "scratch"
grain = ["kpi", "event_date"]
sort = []

[columns]
kpi = "name of the KPI"
event_date = "local day that is judged"
expected = "median of the values of these 3 days"
low = "expected less the largest of: 4 x the mean distance of the values of the 56 days before from what was expected of them, 6 % of expected, 3 of a plain number, 0.015 of a ratio; not below 0 unless a value was"
high = "expected plus the same; of a share not above 1"

[checks]
not_null = ["kpi", "event_date", "expected", "low", "high"]
---*/
-- only numbers that can be published: a band must not tell of those held back
with published as (
    select kpi, event_date, value, denominator is not null as is_ratio
    from kpi_points
    where is_complete and people >= $min_group
),

weeks as (
    select cast(7 * weeks as int) as days from (select unnest(generate_series(1, 3)) as weeks) as numbers
),

medians as (
    select
        published.kpi,
        published.event_date + weeks.days as event_date,
        median(published.value) as expected,
        min(published.value) as lowest,
        bool_or(published.is_ratio) as is_ratio
    from published
    cross join weeks
    group by published.kpi, published.event_date + weeks.days
    having count(*) = 3
),

misses as (
    select medians.*, abs(published.value - medians.expected) as miss
    from medians
    left join published on medians.kpi = published.kpi and medians.event_date = published.event_date
),

-- by the misses of the same rule: of windows that overlap, and of weekdays, nothing needs to be assumed
usual as (
    select kpi, event_date, expected, lowest, is_ratio, avg(miss) over before as miss, count(miss) over before as misses
    from misses
    window before as (
        partition by kpi
        order by event_date
        range between interval '56 days' preceding and interval '1 day' preceding
    )
),

-- the floors keep a number that hardly ever changed from being unusual as soon as it does
margins as (
    select
        kpi,
        event_date,
        expected,
        lowest,
        greatest(
            4 * miss,
            0.06 * abs(expected),
            case when is_ratio then cast(0.015 as double) else cast(3 as double) end
        ) as margin
    from usual
    where misses >= 28
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
