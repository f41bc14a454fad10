/*---
description = "How many newcomers of a week or month with a value of an attribute came back so many weeks (to 52) or months later: first_ever cohorts, criterion on, as in cohort_retention, in every period that has begun by the watermark. An attribute that is unknown of all newcomers has no rows"
kind = "table"
grain = ["unit", "attribute", "cohort_start", "period_index", "value"]
sort = []

[columns]
unit = "week or month"
attribute = "plan, language and country as the member's row has them; referrer = who or what brought the member; first_course = course of the first act in one"
value = "the attribute's value; referrer: member = invited by one, else the host that the first visit came from, or direct; (unknown) = nothing says; (other) = not among the 30 values that most newcomers have"
cohort_start = "first local day of the cohort's period"
period_index = "periods after the cohort's, from 0"
cohort_size = "members of the cohort with the value; null = held back"
retained = "those with an act that counts as coming back in the period; null = held back"
rate = "retained / cohort_size, 0 to 1; null = held back"
is_complete = "whether the period has ended by the watermark"

[checks]
not_null = ["unit", "attribute", "value", "cohort_start", "period_index", "is_complete"]

[checks.accepted]
unit = ["week", "month"]
attribute = ["plan", "referrer", "language", "country", "first_course"]

[checks.expressions]
a_part_of_the_cohort = "coalesce(retained between 0 and cohort_size, true)"

[privacy]
final = "is_complete"
counts = { cohort_size = { by = ["unit", "attribute", "cohort_start", "value"] }, retained = { of = "cohort_size" } }
ratios = { rate = ["retained", "cohort_size"] }
totals = [["value"]]
---*/
with period_starts as (
    select distinct unit, period, period_start from calendar_periods
),

grid as (
    select
        cohorts.unit,
        cohorts.attribute,
        cohorts.value,
        cohorts.cohort_period,
        cohorts.members as cohort_size,
        starts.period_start as cohort_start,
        bounds.next_period,
        unnest(range(0, least(bounds.current_period - cohorts.cohort_period, limits.max_index) + 1)) as period_index
    from origin_returns as cohorts
    inner join period_bounds as bounds on cohorts.unit = bounds.unit
    inner join period_limits as limits on cohorts.unit = limits.unit
    inner join period_starts as starts on cohorts.unit = starts.unit and cohorts.cohort_period = starts.period
    where cohorts.period_index = -1
),

final as (
    select
        grid.unit,
        grid.attribute,
        grid.value,
        grid.cohort_start,
        grid.period_index,
        grid.cohort_size,
        coalesce(returns.members, 0) as retained,
        cast(coalesce(returns.members, 0) as double) / grid.cohort_size as rate,
        grid.cohort_period + grid.period_index < grid.next_period as is_complete
    from grid
    left join origin_returns as returns
        on grid.unit = returns.unit
        and grid.attribute = returns.attribute
        and grid.value = returns.value
        and grid.cohort_period = returns.cohort_period
        and grid.period_index = returns.period_index
)

select * from final
