/*---
description = "Every raw row of payments (payments, refunds and purchases), cleaned, with the first reason that keeps it from being used"
kind = "scratch"
grain = ["source_file", "source_row"]
sort = []

[incremental]
day = "local_date"

[columns]
source_file = "file the row came from"
source_row = "position of the row in its file, from 1"
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
reject_reason = "why the row can't be used; null = it can"

[checks]
not_null = ["source_file", "source_row"]
---*/
select
    source_file,
    source_row,
    ts,
    local_date,
    user_id,
    lower(trim(kind)) as kind,
    amount_cents,
    upper(trim(currency)) as currency,
    plan,
    period_start,
    period_end,
    period_start_date,
    period_end_date,
    case
        when problem is not null then problem
        when user_id is null or trim(user_id) = '' then '`user_id` is missing'
        when kind is null or trim(kind) = '' then '`kind` is missing'
        when lower(trim(kind)) not in ('payment', 'refund', 'purchase') then '`kind` is not payment, refund or purchase'
        when amount_cents is null then '`amount_cents` is missing'
        when currency is null or trim(currency) = '' then '`currency` is missing'
        when ts is null then '`ts` is missing'
        when ts < timestamptz '1970-01-01T00:00:00Z' then '`ts` is before 1970-01-01'
        when ts > $as_of then '`ts` is after as_of'
        when period_end < period_start then '`period_end` is before `period_start`'
    end as reject_reason
from raw_payments
