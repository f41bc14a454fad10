/*---
description = "Payments, refunds and purchases: the usable rows"
kind = "view"
grain = []
sort = []

[columns]
ts = "instant of the act, UTC"
local_date = "local day of the community"
user_id = "pseudonym of the member"
kind = "payment, refund or purchase"
amount_cents = "amount, hundredths of the currency"
currency = "currency code, uppercase"
plan = "plan that was paid for; null = none"
period_start = "first instant paid for, UTC; null = no period"
period_end = "instant at which the paid period is over, UTC; null = no period"
period_start_date = "first local day paid for"
period_end_date = "first local day no longer paid for"

[checks]
not_null = ["user_id", "kind", "amount_cents", "currency", "ts", "local_date"]
---*/
select
    ts,
    local_date,
    user_id,
    kind,
    amount_cents,
    currency,
    plan,
    period_start,
    period_end,
    period_start_date,
    period_end_date
from base_payments
where reject_reason is null
