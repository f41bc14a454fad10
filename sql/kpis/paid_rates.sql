/*---
description = "What members pay for their plan a month, in the main currency, by stretches of local days of one price; who has two plans is on the one begun last"
kind = "scratch"
grain = ["user_id", "start_date"]
sort = []

[columns]
user_id = "pseudonym of the member"
start_date = "first local day of the stretch; of those that KPIs do not look back on only the end is sure"
end_date = "first local day after it"
monthly_cents = "what the plan's period is worth in a month (see plan_periods), hundredths of the currency"

[checks]
not_null = ["user_id", "start_date", "end_date", "monthly_cents"]
---*/
with periods as (
    select periods.user_id, periods.start_date, periods.end_date, periods.monthly_cents
    from charge_currency
    inner join plan_periods as periods on charge_currency.currency = periods.currency
    where periods.end_date > $watermark - 550
),

edges as (
    select user_id, start_date as edge from periods
    union
    select user_id, end_date as edge from periods
),

intervals as (
    select user_id, edge as start_date, lead(edge) over (partition by user_id order by edge) as end_date
    from edges
),

rates as (
    select intervals.user_id, intervals.start_date, intervals.end_date, periods.monthly_cents
    from periods
    inner join intervals on periods.user_id = intervals.user_id
    where periods.start_date <= intervals.start_date and intervals.start_date < periods.end_date
    qualify row_number() over (
        partition by intervals.user_id, intervals.start_date
        order by periods.start_date desc, periods.monthly_cents desc
    ) = 1
),

-- renewals at the same price are one stretch
preceded as (
    select
        *,
        lag(end_date) over (partition by user_id order by start_date) as previous_end_date,
        lag(monthly_cents) over (partition by user_id order by start_date) as previous_cents
    from rates
),

numbered as (
    select
        *,
        sum(
            case when start_date = previous_end_date and monthly_cents = previous_cents then 0 else 1 end
        ) over (partition by user_id order by start_date rows between unbounded preceding and current row) as stretch
    from preceded
),

final as (
    select user_id, min(start_date) as start_date, max(end_date) as end_date, min(monthly_cents) as monthly_cents
    from numbered
    group by user_id, stretch
)

select * from final
