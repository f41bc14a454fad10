/*---
description = "How many members of a cohort were active, or active for the last time, so many periods later; cells without members have no row"
kind = "scratch"
grain = ["unit", "cohort_type", "criterion", "cohort_period", "period_index"]
sort = []

[columns]
unit = "day, week or month"
cohort_type = "first_ever = by the first active period; recurring = by every active period"
criterion = "on = active in that very period; last = that period was the last"
cohort_period = "number of the cohort's period, as in calendar_periods"
period_index = "periods since the cohort's: days to 30, weeks to 52, months without end; last counts later ones in with 30 or 52"
members = "distinct members"

[checks]
not_null = ["unit", "cohort_type", "criterion", "cohort_period", "period_index", "members"]
---*/
-- blocks of max_index + 1 periods: a return within reach lies in the same block or the next
with blocks as (
    select
        periods.*,
        limits.max_index,
        cast(floor(cast(periods.period as double) / (limits.max_index + 1)) as bigint) as block
    from member_periods as periods
    inner join period_limits as limits on periods.unit = limits.unit
),

reach as (
    select *, block as reach_block from blocks
    union all
    select *, block + 1 as reach_block from blocks
),

returns as (
    select
        starts.unit,
        'on' as criterion,
        starts.period as cohort_period,
        later.period - starts.period as period_index,
        count(*) as members,
        count(*) filter (where starts.period = starts.first_period) as newcomers
    from reach as starts
    inner join blocks as later
        on starts.unit = later.unit and starts.user_id = later.user_id and starts.reach_block = later.block
    where later.period >= starts.period and later.period - starts.period <= starts.max_index
    group by starts.unit, starts.period, later.period - starts.period
),

departures as (
    select
        unit,
        'last' as criterion,
        period as cohort_period,
        least(last_period - period, max_index) as period_index,
        count(*) as members,
        count(*) filter (where period = first_period) as newcomers
    from blocks
    group by unit, period, least(last_period - period, max_index)
),

counted as (
    select * from returns
    union all
    select * from departures
),

cohort_types as (
    select * from (values ('recurring'), ('first_ever')) as cohort_types (cohort_type)
),

final as (
    select
        counted.unit,
        cohort_types.cohort_type,
        counted.criterion,
        counted.cohort_period,
        counted.period_index,
        case cohort_types.cohort_type when 'recurring' then counted.members else counted.newcomers end as members
    from counted
    cross join cohort_types
)

select * from final
where members > 0
