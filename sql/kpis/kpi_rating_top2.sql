/*---
description = "How many ratings are good"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "ratings of the last 30 days in the two highest boxes of the scale"
denominator = "ratings of the last 30 days"
people = "distinct members who rated"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Good ratings"
numerator = "Ratings of the last 30 days in the two highest boxes of the scale"
denominator = "Ratings of the last 30 days"
window_days = 30
maturity_days = 0
unit = "ratio"
direction = "up"
is_share = true
---*/
with sums as (
    select
        event_date,
        coalesce(max(amount_30) filter (where measure = 'top2_ratings'), 0) as part,
        coalesce(max(amount_30) filter (where measure = 'ratings'), 0) as whole
    from window_sums
    where measure in ('top2_ratings', 'ratings')
    group by event_date
),

final as (
    select days.event_date, sums.part as numerator, sums.whole as denominator, measured.members as people
    from kpi_days as days
    inner join sums on days.event_date = sums.event_date
    inner join daily_members as measured on days.event_date = measured.event_date
    where measured.measure = 'rater_30'
)

select * from final
