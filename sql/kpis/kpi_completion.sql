/*---
description = "Course starts that are completed within 30 days"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "course starts of the last 30 days whose member completed the course by the 30th day after; a start is the first local day on which a member saw a lesson of a course"
denominator = "course starts of the last 30 days"
people = "distinct members who started"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Completion within 30 days"
numerator = "Course starts of the last 30 days whose member completed the course by the 30th day after; a start is the first local day on which a member saw a lesson of a course"
denominator = "Course starts of the last 30 days"
window_days = 30
maturity_days = 30
unit = "ratio"
direction = "up"
is_share = true
---*/
with sums as (
    select
        event_date,
        coalesce(max(amount_30) filter (where measure = 'completed'), 0) as part,
        coalesce(max(amount_30) filter (where measure = 'starts'), 0) as whole
    from window_sums
    where measure in ('completed', 'starts')
    group by event_date
),

final as (
    select days.event_date, sums.part as numerator, sums.whole as denominator, measured.members as people
    from kpi_days as days
    inner join sums on days.event_date = sums.event_date
    inner join daily_members as measured on days.event_date = measured.event_date
    where measured.measure = 'starter_30'
)

select * from final
