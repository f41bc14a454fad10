/*---
description = "Payments, purchases and refunds of each local day, added up"
kind = "view"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "charges = payments and purchases; refunds; revenue_cents = charges less refunds in the main currency"
event_date = "local day of the community"
amount = "a count, or hundredths of the currency"

[checks]
not_null = ["measure", "event_date", "amount"]
---*/
with daily as (
    select
        event_date,
        count(*) filter (where kind <> 'refund') as charges,
        count(*) filter (where kind = 'refund') as refunds
    from payments
    group by event_date
),

-- a refund takes money back, whatever its sign
money as (
    select
        payments.event_date,
        cast(sum(
            case payments.kind when 'refund' then -abs(payments.amount_cents) else payments.amount_cents end
        ) as bigint) as revenue_cents
    from charge_currency
    inner join payments on charge_currency.currency = payments.currency
    group by payments.event_date
),

final as (
    select 'charges' as measure, event_date, charges as amount from daily
    union all
    select 'refunds' as measure, event_date, refunds as amount from daily
    union all
    select 'revenue_cents' as measure, event_date, revenue_cents as amount from money
)

select * from final
