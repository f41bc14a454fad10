/*---
description = "Topics that another member answers within 24 hours"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "topics opened in the last 30 days with a reply or post of another member within 24 hours"
denominator = "topics opened in the last 30 days"
people = "distinct members who opened them"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Replies within 24 hours"
numerator = "Topics opened in the last 30 days with a reply or post of another member within 24 hours"
denominator = "Topics opened in the last 30 days"
window_days = 30
maturity_days = 2
unit = "ratio"
direction = "up"
is_share = true
---*/
with sums as (
    select
        event_date,
        coalesce(max(amount_30) filter (where measure = 'answered'), 0) as part,
        coalesce(max(amount_30) filter (where measure = 'topics'), 0) as whole
    from window_sums
    where measure in ('answered', 'topics')
    group by event_date
),

final as (
    select days.event_date, sums.part as numerator, sums.whole as denominator, measured.members as people
    from kpi_days as days
    inner join sums on days.event_date = sums.event_date
    inner join daily_members as measured on days.event_date = measured.event_date
    where measured.measure = 'creator_30'
)

select * from final
