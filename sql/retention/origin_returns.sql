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
with frequent as (
    select attribute, value
    from member_origins
    group by attribute, value
    qualify row_number() over (partition by attribute order by count(*) desc, value) <= 30
),

origins as (
    select origins.user_id, origins.attribute, coalesce(frequent.value, '(other)') as value
    from member_origins as origins
    left join frequent on origins.attribute = frequent.attribute and origins.value = frequent.value
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

final as (
    select
        returns.unit,
        origins.attribute,
        origins.value,
        returns.cohort_period,
        returns.period_index,
        count(*) as members
    from origins
    inner join returns on origins.user_id = returns.user_id
    group by returns.unit, origins.attribute, origins.value, returns.cohort_period, returns.period_index
)

select * from final
