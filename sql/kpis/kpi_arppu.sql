/*---
description = "Net revenue per paying member"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "payments and purchases less refunds of the last 30 days, in the currency that most of them are made in"
denominator = "members with a payment or purchase in this currency in these days"
people = "distinct members with a payment or purchase, or those with nothing but refunds if there are any and they are fewer: people of kpi_revenue less denominator is their number"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Revenue per paying member in the main currency"
numerator = "Payments and purchases less refunds of the last 30 days, in the currency that most of them are made in"
denominator = "Members with a payment or purchase in this currency in these days"
window_days = 30
maturity_days = 0
unit = "cents"
direction = "up"
is_share = false
---*/
with measured as (
    select
        event_date,
        max(members) filter (where measure = 'payer_30') as payers,
        max(members) filter (where measure = 'account_30') as accounts
    from daily_members
    where measure in ('payer_30', 'account_30')
    group by event_date
),

final as (
    select
        days.event_date,
        sums.amount_30 as numerator,
        measured.payers as denominator,
        least(measured.payers, nullif(measured.accounts - measured.payers, 0)) as people
    from kpi_days as days
    inner join window_sums as sums on days.event_date = sums.event_date
    inner join measured on days.event_date = measured.event_date
    where sums.measure = 'revenue_cents' and measured.payers is not null
)

select * from final
