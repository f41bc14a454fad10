/*---
description = "What a plan is by its payments up to the watermark: how long one pays for, and the usual price"
kind = "table"
grain = ["plan", "currency"]
sort = []

[columns]
plan = "plan that was paid for; unnamed = payments that name none"
currency = "currency code, uppercase"
term_days = "local days that a payment pays for: the most common length, of equally common ones the longest; null = can't be told, as no payment has a period and nobody paid on two days"
term_from = "period = from the periods of the payments; gap = from the days between a member's successive payments, where no payment has a period; unknown = from neither"
price_cents = "most common amount, of equally common ones the highest, hundredths of the currency; null = held back"
payments = "payments; null = held back"
members = "distinct members who paid; null = held back"

[privacy]
counts = { members = {} }
rests = { price_cents = "members", payments = "members" }

[checks]
not_null = ["plan", "currency", "term_from"]
accepted = { term_from = ["period", "gap", "unknown"] }
expressions = { some_days = "term_days is null or term_days > 0" }
---*/
with charges as (
    select coalesce(plan, 'unnamed') as plan, currency, user_id, amount_cents, count(*) as payments
    from payments
    where kind = 'payment' and event_date <= $watermark
    group by coalesce(plan, 'unnamed'), currency, user_id, amount_cents
),

amounts as (
    select plan, currency, amount_cents, sum(payments) as payments
    from charges
    group by plan, currency, amount_cents
),

prices as (
    select plan, currency, amount_cents
    from amounts
    qualify row_number() over (partition by plan, currency order by payments desc, amount_cents desc) = 1
),

payers as (
    select plan, currency, user_id, sum(payments) as payments
    from charges
    group by plan, currency, user_id
),

counted as (
    select plan, currency, cast(sum(payments) as bigint) as payments, count(*) as members
    from payers
    group by plan, currency
),

final as (
    select
        counted.plan,
        counted.currency,
        lengths.term_days,
        coalesce(lengths.term_from, 'unknown') as term_from,
        prices.amount_cents as price_cents,
        counted.payments,
        counted.members
    from counted
    inner join prices on counted.plan = prices.plan and counted.currency = prices.currency
    left join plan_lengths as lengths on counted.plan = lengths.plan and counted.currency = lengths.currency
)

select * from final
