/*---
description = "How many members of a cohort of newcomers came back in any of the periods of a bracket, as hachi.toml declares brackets, in every bracket that has begun by the watermark"
kind = "table"
grain = ["unit", "cohort_type", "cohort_start", "first_index"]
sort = []

[columns]
unit = "day, week or month"
cohort_type = "first_ever or first_matching, as in cohort_retention"
cohort_start = "first local day of the cohort's period"
first_index = "first period of the bracket, in periods after the cohort's"
last_index = "last period of the bracket; null = it has no end"
cohort_size = "members of the cohort; null = held back"
retained = "those who came back in any period of the bracket, each once; null = held back"
rate = "retained / cohort_size, 0 to 1; null = held back"
is_complete = "whether the last period of the bracket has ended by the watermark; a bracket without end never is"

[checks]
not_null = ["unit", "cohort_type", "cohort_start", "first_index", "is_complete"]

[checks.accepted]
unit = ["day", "week", "month"]
cohort_type = ["first_ever", "first_matching"]

[checks.expressions]
a_part_of_the_cohort = "coalesce(retained between 0 and cohort_size, true)"

[privacy]
final = "is_complete"
counts = { cohort_size = { by = ["unit", "cohort_type", "cohort_start"] }, retained = { of = "cohort_size" } }
ratios = { rate = ["retained", "cohort_size"] }
---*/
with period_starts as (
    select distinct unit, period, period_start from calendar_periods
),

returns as (
    select unit, cohort_type, cohort_period, first_index, count(*) as retained
    from bracket_members
    group by unit, cohort_type, cohort_period, first_index
),

cells as (
    select
        cohorts.unit,
        cohorts.cohort_type,
        cohorts.cohort_period,
        starts.period_start as cohort_start,
        brackets.first_index,
        brackets.last_index,
        cohorts.members as cohort_size,
        bounds.next_period
    from stg_retention_brackets as brackets
    inner join cohort_returns as cohorts on brackets.unit = cohorts.unit
    inner join period_bounds as bounds on brackets.unit = bounds.unit
    inner join period_starts as starts on cohorts.unit = starts.unit and cohorts.cohort_period = starts.period
    where cohorts.counted_as = 'size'
        and cohorts.cohort_type <> 'recurring'
        and cohorts.cohort_period + brackets.first_index <= bounds.current_period
),

final as (
    select
        cells.unit,
        cells.cohort_type,
        cells.cohort_start,
        cells.first_index,
        cells.last_index,
        cells.cohort_size,
        coalesce(returns.retained, 0) as retained,
        cast(coalesce(returns.retained, 0) as double) / cells.cohort_size as rate,
        coalesce(cells.cohort_period + cells.last_index < cells.next_period, false) as is_complete
    from cells
    left join returns
        on cells.unit = returns.unit
        and cells.cohort_type = returns.cohort_type
        and cells.cohort_period = returns.cohort_period
        and cells.first_index = returns.first_index
)

select * from final
