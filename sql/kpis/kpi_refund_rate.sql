/*---
description = "Refunds in relation to charges"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "refunds of the last 30 days, whenever they were charged"
denominator = "payments and purchases of the last 30 days"
people = "distinct members who were charged, or who were refunded if there are any and they are fewer"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Refund rate"
numerator = "Refunds of the last 30 days, whenever they were charged"
denominator = "Payments and purchases of the last 30 days"
window_days = 30
maturity_days = 0
unit = "ratio"
direction = "down"
is_share = false
---*/
with sums as (
    select
        event_date,
        coalesce(max(amount_30) filter (where measure = 'refunds'), 0) as refunds,
        coalesce(max(amount_30) filter (where measure = 'charges'), 0) as charges
    from window_sums
    where measure in ('refunds', 'charges')
    group by event_date
),

measured as (
    select
        event_date,
        coalesce(max(members) filter (where measure = 'charged_30'), 0) as charged,
        max(members) filter (where measure = 'refunded_30') as refunded
    from daily_members
    where measure in ('charged_30', 'refunded_30')
    group by event_date
),

final as (
    select
        days.event_date,
        sums.refunds as numerator,
        sums.charges as denominator,
        least(measured.charged, nullif(measured.refunded, 0)) as people
    from kpi_days as days
    inner join sums on days.event_date = sums.event_date
    inner join measured on days.event_date = measured.event_date
)

select * from final
