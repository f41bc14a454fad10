/*---
description = "Payments, purchases and refunds by calendar month and currency up to the watermark, in exact numbers"
kind = "scratch"
grain = ["month_start", "currency"]
sort = []

[columns]
month_start = "first day of the month"
currency = "currency code, uppercase"
payers = "distinct members who paid for a plan or bought something"
gross_cents = "payments and purchases, hundredths of the currency"
refund_cents = "refunds, whichever sign they are given with, hundredths of the currency"

[checks]
not_null = ["month_start", "currency", "payers", "gross_cents", "refund_cents"]
---*/
with charges as (
    select
        cast(date_trunc('month', event_date) as date) as month_start,
        currency,
        user_id,
        case when kind <> 'refund' then 1 else 0 end as is_paid,
        case when kind <> 'refund' then amount_cents else 0 end as gross_cents,
        case when kind = 'refund' then abs(amount_cents) else 0 end as refund_cents
    from payments
    where event_date <= $watermark
),

members as (
    select
        month_start,
        currency,
        user_id,
        max(is_paid) as payers,
        sum(gross_cents) as gross_cents,
        sum(refund_cents) as refund_cents
    from charges
    group by month_start, currency, user_id
),

final as (
    select
        month_start,
        currency,
        cast(sum(payers) as bigint) as payers,
        cast(sum(gross_cents) as bigint) as gross_cents,
        cast(sum(refund_cents) as bigint) as refund_cents
    from members
    group by month_start, currency
)

select * from final
