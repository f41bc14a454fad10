/*---
description = "Newcomers who came back in a bracket of periods; each once"
kind = "scratch"
grain = ["unit", "cohort_type", "first_index", "user_id"]
sort = []

[columns]
unit = "day, week or month"
cohort_type = "first_ever or first_matching, as in cohort_retention"
first_index = "first period of the bracket"
user_id = "pseudonym of the member"
cohort_period = "number of the cohort's period, as in calendar_periods"

[checks]
not_null = ["unit", "cohort_type", "first_index", "user_id", "cohort_period"]
---*/
with indexes as (
    select unit, first_index, unnest(range(first_index, last_index + 1)) as period_index
    from stg_retention_brackets
    where last_index is not null
),

reach as (
    select unit, max(last_index) as last_index from stg_retention_brackets group by unit
),

cohort_types as (
    select * from (values ('first_ever'), ('first_matching')) as cohort_types (cohort_type)
),

cohorts as (
    select cohorts.*, reach.last_index
    from reach
    inner join member_cohorts as cohorts on reach.unit = cohorts.unit
    where cohorts.first_matching_period is not null
),

-- the first act that can start a cohort is the very first one or a later one
early as (
    select cohorts.*, activity.period
    from cohorts
    inner join member_activity as activity on cohorts.unit = activity.unit and cohorts.user_id = activity.user_id
    where activity.is_return
        and activity.period <= cohorts.first_matching_period + cohorts.last_index
        and activity.period >= coalesce(cohorts.first_ever_period, cohorts.first_matching_period)
),

typed as (
    select
        early.unit,
        cohort_types.cohort_type,
        early.user_id,
        early.period,
        case cohort_types.cohort_type
            when 'first_ever' then early.first_ever_period
            else early.first_matching_period
        end as cohort_period
    from early
    cross join cohort_types
),

closed as (
    select distinct typed.unit, typed.cohort_type, indexes.first_index, typed.user_id, typed.cohort_period
    from indexes
    inner join typed on indexes.unit = typed.unit and indexes.period_index = typed.period - typed.cohort_period
),

-- in a bracket without end: those who came back for the last time in it
endless as (
    select
        cohorts.unit,
        cohort_types.cohort_type,
        brackets.first_index,
        cohorts.user_id,
        case cohort_types.cohort_type
            when 'first_ever' then cohorts.first_ever_period
            else cohorts.first_matching_period
        end as cohort_period,
        cohorts.last_return_period
    from stg_retention_brackets as brackets
    inner join member_cohorts as cohorts on brackets.unit = cohorts.unit
    cross join cohort_types
    where brackets.last_index is null
),

final as (
    select unit, cohort_type, first_index, user_id, cohort_period from closed
    union all
    select unit, cohort_type, first_index, user_id, cohort_period
    from endless
    where last_return_period - cohort_period >= first_index
)

select * from final
