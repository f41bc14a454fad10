/*---
description = "Members on a plan at the end of a calendar month, or at the watermark in the month that has not ended. Who has two plans is on the one begun last"
kind = "scratch"
grain = ["month", "user_id", "currency"]
sort = []

[columns]
month = "12 * year + month - 1: months without gaps"
user_id = "pseudonym of the member"
currency = "currency code, uppercase"
monthly_cents = "what the plan's period is worth in a month (see plan_periods), hundredths of the currency"

[checks]
not_null = ["month", "user_id", "currency", "monthly_cents"]
---*/
-- by number of month, as comparing every period with every month takes too long
with touched as (
    select
        user_id,
        currency,
        start_date,
        end_date,
        monthly_cents,
        unnest(range(
            cast(extract(year from start_date) * 12 + extract(month from start_date) - 1 as bigint),
            cast(extract(year from end_date) * 12 + extract(month from end_date) as bigint)
        )) as month
    from plan_periods
),

covered as (
    select
        touched.month,
        touched.user_id,
        touched.currency,
        touched.start_date,
        touched.monthly_cents
    from money_months as months
    inner join touched on months.month = touched.month
    where touched.start_date <= months.measured_date and months.measured_date < touched.end_date
),

latest as (
    select month, user_id, currency, max(start_date) as start_date
    from covered
    group by month, user_id, currency
),

-- of two begun on one day the dearer
final as (
    select covered.month, covered.user_id, covered.currency, max(covered.monthly_cents) as monthly_cents
    from latest
    inner join covered
        on latest.month = covered.month
        and latest.user_id = covered.user_id
        and latest.currency = covered.currency
        and latest.start_date = covered.start_date
    group by covered.month, covered.user_id, covered.currency
)

select * from final
