/*---
description = "Revenue by calendar month and currency, and monthly recurring revenue (MRR) from the end of the month before to its end. What a plan is worth in a month is told in plan_periods; a refund lowers net revenue on its own day and leaves MRR alone"
kind = "table"
grain = ["month_start", "currency"]
sort = []

[columns]
month_start = "first day of the month, from the first with a payment, purchase or refund in this currency"
currency = "currency code, uppercase"
payers = "distinct members who paid for a plan or bought something; null = held back"
gross_cents = "payments and purchases, hundredths of the currency; null = held back"
refund_cents = "refunds, hundredths of the currency; null = held back"
net_cents = "gross less refunds, hundredths of the currency; null = held back"
refund_rate = "refund_cents / gross_cents; null = nothing was paid, or held back"
arppu_cents = "net_cents / payers, hundredths of the currency; null = nobody paid, or held back"
subscribers = "members on a plan at the end of the month before or of this one; null = held back"
mrr_start_cents = "MRR at the end of the month before, hundredths of the currency; null = held back"
mrr_new_cents = "MRR of members who were on no plan in this currency then, be it for the first time or again, hundredths of the currency; null = held back"
mrr_expansion_cents = "what members on a plan at both ends pay more, hundredths of the currency; null = held back"
mrr_contraction_cents = "what members on a plan at both ends pay less, hundredths of the currency; null = held back"
mrr_churn_cents = "MRR of members who are on no plan in this currency at the end, hundredths of the currency; null = held back"
mrr_end_cents = "MRR at the month's end, or at the watermark if it has not ended, hundredths of the currency; null = held back"
nrr = "net revenue retention: (start + expansion - contraction - churn) / start; null = no MRR at the start, or held back"
grr = "gross revenue retention: (start - contraction - churn) / start; null = no MRR at the start, or held back"
is_complete = "whether the month has ended by the watermark"

[privacy]
final = "is_complete"
counts = { payers = {}, subscribers = {} }
totals = [["currency"]]

[privacy.rests]
gross_cents = "payers"
refund_cents = "payers"
net_cents = "payers"
refund_rate = "payers"
arppu_cents = "payers"
mrr_start_cents = "subscribers"
mrr_new_cents = "subscribers"
mrr_expansion_cents = "subscribers"
mrr_contraction_cents = "subscribers"
mrr_churn_cents = "subscribers"
mrr_end_cents = "subscribers"
nrr = "subscribers"
grr = "subscribers"

[checks]
not_null = ["month_start", "currency", "is_complete"]
---*/
with first_months as (
    select currency, min(month_start) as first_month
    from charge_months
    group by currency
),

cells as (
    select first_months.currency, months.month, months.month_start, months.is_complete
    from first_months
    inner join money_months as months on first_months.first_month <= months.month_start
),

final as (
    select
        cells.month_start,
        cells.currency,
        coalesce(charges.payers, 0) as payers,
        coalesce(charges.gross_cents, 0) as gross_cents,
        coalesce(charges.refund_cents, 0) as refund_cents,
        coalesce(charges.gross_cents - charges.refund_cents, 0) as net_cents,
        cast(charges.refund_cents as double) / nullif(charges.gross_cents, 0) as refund_rate,
        cast(charges.gross_cents - charges.refund_cents as double) / nullif(charges.payers, 0) as arppu_cents,
        coalesce(mrr.subscribers, 0) as subscribers,
        coalesce(mrr.start_cents, 0) as mrr_start_cents,
        coalesce(mrr.new_cents, 0) as mrr_new_cents,
        coalesce(mrr.expansion_cents, 0) as mrr_expansion_cents,
        coalesce(mrr.contraction_cents, 0) as mrr_contraction_cents,
        coalesce(mrr.churn_cents, 0) as mrr_churn_cents,
        coalesce(mrr.end_cents, 0) as mrr_end_cents,
        cast(mrr.start_cents + mrr.expansion_cents - mrr.contraction_cents - mrr.churn_cents as double)
            / nullif(mrr.start_cents, 0) as nrr,
        cast(mrr.start_cents - mrr.contraction_cents - mrr.churn_cents as double) / nullif(mrr.start_cents, 0) as grr,
        cells.is_complete
    from cells
    left join charge_months as charges on cells.month_start = charges.month_start and cells.currency = charges.currency
    left join mrr_months as mrr on cells.month = mrr.month and cells.currency = mrr.currency
)

select * from final
