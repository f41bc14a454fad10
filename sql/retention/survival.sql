/*---
description = "Kaplan–Meier: the part of the members who stay longer than so many days, for all months of the start together and by month. A row for every number of days after which somebody left or could no longer be followed, as long as at least min_group are at risk: what fewer do would be about persons, and no estimate. Members whose end lies before their start are left out"
kind = "table"
grain = ["measure", "cohort", "day"]
sort = []

[columns]
measure = "activity = from the first to the last active day, over once a member was silent for gone_after_days by the watermark; membership = from the first paid day to the end of that unbroken paid spell; ended = of members with a joining date (see member_roster), from joining to the first act of a kind that ends a membership (no rows if none is configured)"
cohort = "all = all months of the start with min_group members or more; or the first day of one month, as text"
cohort_start = "first local day of the month of the start; null for all"
day = "days since the start"
members = "members of the cohort; null = held back, and the estimates with it"
at_risk = "members who stayed until the day and are followed at least until it; null = held back"
events = "members who left after exactly so many days; null = held back"
censored = "members still there at the watermark after exactly so many days; null = held back"
survival = "part that stays longer than day, 0 to 1: the product of 1 - events / at_risk; null = held back"
std_error = "its standard error after Greenwood; null = held back, or survival is 0"
low = "lower end of the 95 % log(-log) interval of survival; null = held back, or survival is 0 or 1"
high = "upper end of it; null as low"

[checks]
not_null = ["measure", "cohort", "day"]
accepted = { measure = ["activity", "membership", "ended"] }

[checks.expressions]
leaves_from_those_at_risk = "coalesce(events + censored <= at_risk and at_risk <= members, true)"
a_part = "coalesce(survival between 0 and 1, true)"

[privacy]
counts = { members = {} }
# a row says how long members stayed, not who: a cohort of min_group or more is enough
rests = { at_risk = "members", events = "members", censored = "members", survival = "members", std_error = "members", low = "members", high = "members" }
---*/
with steps as (
    select
        *,
        case when events < at_risk then ln(1 - cast(events as double) / at_risk) end as log_step,
        case
            when events < at_risk then cast(events as double) / (cast(at_risk as double) * (at_risk - events))
        end as variance_step
    from survival_times
),

sums as (
    select
        *,
        sum(log_step) over (
            partition by measure, cohort order by day rows between unbounded preceding and current row
        ) as log_survival,
        sum(variance_step) over (
            partition by measure, cohort order by day rows between unbounded preceding and current row
        ) as log_variance
    from steps
),

-- everyone at risk can only leave on the last day
estimates as (
    select *, case when events < at_risk then exp(log_survival) else cast(0 as double) end as survival
    from sums
),

-- log(-log): survival to the power of exp(± z √log_variance / ln survival)
final as (
    select
        measure,
        cohort,
        cohort_start,
        day,
        members,
        at_risk,
        events,
        censored,
        survival,
        case when survival > 0 then survival * sqrt(log_variance) end as std_error,
        case
            when survival > 0 and survival < 1
                then power(survival, exp(-1.959963984540054 * sqrt(log_variance) / log_survival))
        end as low,
        case
            when survival > 0 and survival < 1
                then power(survival, exp(1.959963984540054 * sqrt(log_variance) / log_survival))
        end as high
    from estimates
    where at_risk >= $min_group
)

select * from final
