/*---
description = "How many newcomers with a value of an attribute joined in a week or month, and came back so many later; counts of none have no row"
kind = "scratch"
grain = ["unit", "attribute", "value", "cohort_period", "period_index"]
sort = []

[columns]
unit = "week or month"
attribute = "as in member_origins"
value = "the attribute's value; (other) = none of the 30 that most newcomers have"
cohort_period = "number of the cohort's period, as in calendar_periods"
period_index = "periods after the cohort's; -1 = the cohort itself"
members = "distinct members"

[checks]
not_null = ["unit", "attribute", "value", "cohort_period", "period_index", "members"]
---*/
with counted as (
    select attribute, value, count(*) as members
    from member_origins
    group by attribute, value
),

ranked as (
    select attribute, value, row_number() over (partition by attribute order by members desc, value) as place
    from counted
),

-- numbers, which are quicker to group by than names
numbered as (
    select
        attribute,
        value,
        case when place <= 30 then value else '(other)' end as name,
        dense_rank() over (order by attribute, least(place, 31)) as number
    from ranked
),

origins as (
    select origins.user_id, numbered.number
    from numbered
    inner join member_origins as origins on numbered.attribute = origins.attribute and numbered.value = origins.value
),

names as (
    select distinct number, attribute, name as value from numbered
),

cohorts as (
    select cohorts.unit, cohorts.user_id, cohorts.first_ever_period as cohort_period, limits.max_index
    from period_limits as limits
    inner join member_cohorts as cohorts on limits.unit = cohorts.unit
    where limits.unit <> 'day' and cohorts.first_ever_period is not null
),

returns as (
    select cohorts.unit, cohorts.user_id, cohorts.cohort_period, periods.period - cohorts.cohort_period as period_index
    from cohorts
    inner join member_periods as periods on cohorts.unit = periods.unit and cohorts.user_id = periods.user_id
    where periods.is_return
        and periods.event_date <= $watermark
        and periods.period - cohorts.cohort_period between 0 and cohorts.max_index
    union all
    select unit, user_id, cohort_period, cast(-1 as bigint) as period_index
    from cohorts
),

sums as (
    select returns.unit, origins.number, returns.cohort_period, returns.period_index, count(*) as members
    from origins
    inner join returns on origins.user_id = returns.user_id
    group by returns.unit, origins.number, returns.cohort_period, returns.period_index
),

final as (
    select sums.unit, names.attribute, names.value, sums.cohort_period, sums.period_index, sums.members
    from names
    inner join sums on names.number = sums.number
)

select * from final
