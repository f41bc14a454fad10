/*---
description = "Payments of plans, purchases and refunds; staff are left out"
kind = "table"
grain = []
sort = ["event_date", "user_id", "ts", "kind", "amount_cents", "currency", "plan", "period_start_date", "period_end_date"]
sensitive = true

[incremental]
day = "event_date"

[columns]
event_date = "local day of the act"
user_id = "pseudonym of the member"
ts = "instant of the act, UTC"
kind = "payment, refund or purchase"
amount_cents = "amount, hundredths of the currency"
currency = "currency code, uppercase"
plan = "plan that was paid for; null = none"
period_start_date = "first local day paid for; null = no period"
period_end_date = "first local day no longer paid for; null = no period"

[checks]
not_null = ["event_date", "user_id", "ts", "kind", "amount_cents", "currency"]
---*/
with final as (
    select
        acts.local_date as event_date,
        acts.user_id,
        acts.ts,
        acts.kind,
        acts.amount_cents,
        acts.currency,
        acts.plan,
        acts.period_start_date,
        acts.period_end_date
    from stg_payments as acts
    left join staff on acts.user_id = staff.user_id and staff.joined_date <= acts.local_date
    where staff.user_id is null
)

select * from final
