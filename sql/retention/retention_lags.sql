/*---
description = "Member-periods by how long after the member's first, and before the member's last period they are: all that cohorts are counted from, in one pass"
kind = "scratch"
grain = ["unit", "period", "is_start", "is_return", "first_ever_index", "first_matching_index", "last_index"]
sort = []

[columns]
unit = "day, week or month"
period = "number of the period, as in calendar_periods"
is_start = "whether the members started in it"
is_return = "whether the members came back in it"
first_ever_index = "periods since that of the very first act; null = beyond reach, or no such cohort"
first_matching_index = "periods since that of the first start; null = beyond reach, or no such cohort"
last_index = "periods until the last one of coming back, those beyond reach as the largest; negative = before, null = never came back"
member_periods = "pairs of a member and a period"

[checks]
not_null = ["unit", "period", "is_start", "is_return", "member_periods"]
---*/
with reach as (
    select cohorts.*, limits.max_index
    from period_limits as limits
    inner join member_cohorts as cohorts on limits.unit = cohorts.unit
),

lags as (
    select
        activity.unit,
        activity.period,
        activity.is_start,
        activity.is_return,
        case
            when activity.period - reach.first_ever_period between 0 and reach.max_index
                then activity.period - reach.first_ever_period
        end as first_ever_index,
        case
            when activity.period - reach.first_matching_period between 0 and reach.max_index
                then activity.period - reach.first_matching_period
        end as first_matching_index,
        case
            when reach.last_return_period is not null
                then least(reach.last_return_period - activity.period, reach.max_index)
        end as last_index
    from reach
    inner join member_activity as activity on reach.unit = activity.unit and reach.user_id = activity.user_id
),

final as (
    select *, count(*) as member_periods
    from lags
    group by unit, period, is_start, is_return, first_ever_index, first_matching_index, last_index
)

select * from final
