/*---
description = "How many members came back for the first time in a week or month on a local day, by the earlier week or month in which they had started; pairs without members have no row"
kind = "state"
grain = ["event_date", "unit", "period_index"]
sort = []
sensitive = true

[incremental]
day = "event_date"
# months have no limit: a hundred years
lookback_days = 36525

[columns]
event_date = "local day on which the pair is complete: the first return in the period, or the first start where that is later"
unit = "week or month"
cohort_period = "number of the period of starting, as in calendar_periods"
period_index = "periods between starting and coming back: weeks to 52, months without end"
members = "distinct members"

[checks]
not_null = ["event_date", "unit", "cohort_period", "period_index", "members"]
---*/
-- blocks of max_index + 1 periods: the start of a return within reach lies in the block of the return or in the one before
with marks as (
    select
        periods.*,
        limits.max_index,
        cast(floor(cast(periods.period as double) / (limits.max_index + 1)) as bigint) as block
    from period_limits as limits
    inner join member_periods as periods on limits.unit = periods.unit
),

returns as (
    select *, block as start_block from marks where is_return
    union all
    select *, block - 1 as start_block from marks where is_return
),

starts as (
    select unit, user_id, period, block from marks where is_start
),

final as (
    select
        returns.event_date,
        returns.unit,
        starts.period as cohort_period,
        returns.period - starts.period as period_index,
        count(*) as members
    from returns
    inner join starts
        on returns.unit = starts.unit and returns.user_id = starts.user_id and returns.start_block = starts.block
    where returns.period > starts.period and returns.period - starts.period <= returns.max_index
    group by returns.event_date, returns.unit, starts.period, returns.period - starts.period
    union all
    select event_date, unit, period as cohort_period, cast(0 as bigint) as period_index, count(*) as members
    from member_periods
    where is_both
    group by event_date, unit, period
)

select * from final
