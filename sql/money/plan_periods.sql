/*---
description = "The local days that each payment of a plan up to the watermark pays for, and its value in a month. The payment's own period; where that is not whole, the plan's usual term (plan_lengths) from the period's start, else from the day of the payment. A refund takes nothing back"
kind = "scratch"
grain = []
sort = ["user_id", "currency", "plan", "start_date", "end_date", "monthly_cents"]

[columns]
user_id = "pseudonym of the member"
plan = "plan that was paid for; unnamed = the payment names none"
currency = "currency code, uppercase"
start_date = "first local day paid for"
end_date = "first local day no longer paid for"
monthly_cents = "amount of a month, hundredths of the currency, half up: a period within 3 days of a whole number of months of 30.4375 days is divided by that number, any other is scaled by its days"

[checks]
not_null = ["user_id", "plan", "currency", "start_date", "end_date", "monthly_cents"]
expressions = { some_days = "start_date < end_date" }
---*/
with charges as (
    select
        user_id,
        coalesce(plan, 'unnamed') as plan,
        currency,
        amount_cents,
        coalesce(period_start_date, event_date) as start_date,
        period_end_date
    from payments
    where kind = 'payment' and event_date <= $watermark
),

-- a period that says both ends and holds no day pays for none; a payment of a plan without a known term pays for none that is known
periods as (
    select
        charges.user_id,
        charges.plan,
        charges.currency,
        charges.amount_cents,
        charges.start_date,
        coalesce(charges.period_end_date, charges.start_date + cast(lengths.term_days as int)) as end_date
    from plan_lengths as lengths
    right join charges on lengths.plan = charges.plan and lengths.currency = charges.currency
),

-- a month is 487 / 16 days
terms as (
    select
        *,
        cast(end_date - start_date as bigint) as days,
        greatest(1, cast(floor((32 * cast(end_date - start_date as double) + 487) / 974) as bigint)) as months
    from periods
    where start_date < end_date
),

scales as (
    select
        *,
        abs(16 * days - 487 * months) <= 48 as is_months
    from terms
),

final as (
    select
        user_id,
        plan,
        currency,
        start_date,
        end_date,
        cast(floor(
            case
                when is_months then cast(2 * amount_cents + months as double) / (2 * months)
                else cast(974 * amount_cents + 16 * days as double) / (32 * days)
            end
        ) as bigint) as monthly_cents
    from scales
)

select * from final
