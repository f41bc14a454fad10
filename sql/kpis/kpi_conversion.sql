/*---
description = "New members who pay within 30 days"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "members who joined in the last 30 days and paid for a plan by the 30th day after"
denominator = "members who joined in the last 30 days"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Conversion to paid within 30 days"
numerator = "Members who joined in the last 30 days and paid for a plan by the 30th day after"
denominator = "Members who joined in the last 30 days"
window_days = 30
maturity_days = 30
unit = "ratio"
direction = "up"
is_share = true
---*/
with sums as (
    select
        event_date,
        coalesce(max(amount_30) filter (where measure = 'converted'), 0) as converted,
        coalesce(max(amount_30) filter (where measure = 'joined'), 0) as joined
    from window_sums
    where measure in ('converted', 'joined')
    group by event_date
),

-- without a payment ever, the site does not sell, or does not say
first_payment as (
    select min(event_date) as event_date from payments where kind = 'payment' and event_date <= $watermark
),

final as (
    select days.event_date, sums.converted as numerator, sums.joined as denominator, sums.joined as people
    from kpi_days as days
    cross join first_payment
    inner join sums on days.event_date = sums.event_date
    where first_payment.event_date is not null
)

select * from final
