/*---
description = "How many members a cohort of a day, week or month has, and how many of them came back, or came back for the last time, so many periods later; counts of none have no row"
kind = "scratch"
grain = ["unit", "cohort_type", "counted_as", "cohort_period", "period_index"]
sort = []

[columns]
unit = "day, week or month"
cohort_type = "first_ever, first_matching or recurring, as in cohort_retention"
counted_as = "size = members of the cohort; on = came back in that very period; last = that period was the last of coming back"
cohort_period = "number of the cohort's period, as in calendar_periods"
period_index = "periods since the cohort's; last counts those beyond reach in with the largest; 0 for size"
members = "distinct members"

[checks]
not_null = ["unit", "cohort_type", "counted_as", "cohort_period", "period_index", "members"]
---*/
with newcomers as (
    select unit, 'first_ever' as cohort_type, first_ever_period as cohort_period, last_return_period
    from member_cohorts
    union all
    select unit, 'first_matching' as cohort_type, first_matching_period as cohort_period, last_return_period
    from member_cohorts
),

leaving as (
    select
        newcomers.*,
        case
            when newcomers.last_return_period is not null
                then least(newcomers.last_return_period - newcomers.cohort_period, limits.max_index)
        end as last_index
    from period_limits as limits
    inner join newcomers on limits.unit = newcomers.unit
    where newcomers.cohort_period is not null
),

counted as (
    select unit, cohort_type, 'size' as counted_as, cohort_period, 0 as period_index, 1 as members from leaving
    union all
    select unit, cohort_type, 'last' as counted_as, cohort_period, last_index as period_index, 1 as members from leaving
    union all
    select unit, 'first_ever', 'on', period - first_ever_index, first_ever_index, member_periods
    from retention_lags
    where is_return
    union all
    select unit, 'first_matching', 'on', period - first_matching_index, first_matching_index, member_periods
    from retention_lags
    where is_return
    union all
    select unit, 'recurring', 'size', period, 0, member_periods from retention_lags where is_start
    union all
    select unit, 'recurring', 'last', period, last_index, member_periods from retention_lags where is_start
    union all
    select 'day', 'recurring', 'on', event_date - date '1970-01-01' - days_since, days_since, members
    from daily_returns
    where event_date <= $watermark
    union all
    select unit, 'recurring', 'on', cohort_period, period_index, members
    from period_returns
    where event_date <= $watermark
),

final as (
    select
        unit,
        cohort_type,
        counted_as,
        cast(cohort_period as bigint) as cohort_period,
        cast(period_index as bigint) as period_index,
        cast(sum(members) as bigint) as members
    from counted
    -- no index: not in reach of the cohort; below 0: came back for the last time before it
    where period_index >= 0
    group by unit, cohort_type, counted_as, cohort_period, period_index
)

select * from final
