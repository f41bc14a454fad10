/*---
description = "Every cell of the retention of day, week and month cohorts: all periods that have begun by the watermark, cells without members included"
kind = "scratch"
grain = ["unit", "cohort_type", "criterion", "cohort_start", "period_index"]
sort = []

[columns]
unit = "day, week or month"
cohort_type = "first_ever, first_matching or recurring, as in cohort_retention"
criterion = "on or on_or_after, as in cohort_retention"
cohort_start = "first local day of the cohort's period"
period_index = "periods after the cohort's, from 0"
cohort_size = "members of the cohort"
retained = "those who came back"
is_complete = "whether the period has ended by the watermark"

[checks]
not_null = ["unit", "cohort_type", "criterion", "cohort_start", "period_index", "cohort_size", "retained", "is_complete"]
---*/
with period_starts as (
    select distinct unit, period, period_start from calendar_periods
),

grid as (
    select
        cohorts.unit,
        cohorts.cohort_type,
        cohorts.cohort_period,
        cohorts.members as cohort_size,
        starts.period_start as cohort_start,
        bounds.next_period,
        unnest(range(0, least(bounds.current_period - cohorts.cohort_period, limits.max_index) + 1)) as period_index
    from cohort_returns as cohorts
    inner join period_bounds as bounds on cohorts.unit = bounds.unit
    inner join period_limits as limits on cohorts.unit = limits.unit
    inner join period_starts as starts on cohorts.unit = starts.unit and cohorts.cohort_period = starts.period
    where cohorts.counted_as = 'size'
),

criteria as (
    select * from (values ('on', 'on'), ('on_or_after', 'last')) as criteria (criterion, counted_as)
),

cells as (
    select grid.*, criteria.criterion, coalesce(returns.members, 0) as members
    from grid
    cross join criteria
    left join cohort_returns as returns
        on grid.unit = returns.unit
        and grid.cohort_type = returns.cohort_type
        and criteria.counted_as = returns.counted_as
        and grid.cohort_period = returns.cohort_period
        and grid.period_index = returns.period_index
),

final as (
    select
        unit,
        cohort_type,
        criterion,
        cohort_start,
        period_index,
        cohort_size,
        case criterion
            when 'on' then members
            -- who was last seen in a later period was retained until then
            else cast(sum(members) over (
                partition by unit, cohort_type, criterion, cohort_start
                order by period_index desc
                rows between unbounded preceding and current row
            ) as bigint)
        end as retained,
        cohort_period + period_index < next_period as is_complete
    from cells
)

select * from final
