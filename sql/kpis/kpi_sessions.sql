/*---
description = "Visits begun on each local day"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "visits begun on the day, of members and visitors, without noise"
denominator = "null: a plain number"
people = "distinct visitors the number rests on, members or not"

[checks]
not_null = ["event_date", "numerator", "people"]

[kpi]
title = "Visits"
numerator = "Visits begun on the day, of members and visitors, without noise"
window_days = 1
maturity_days = 0
unit = "visits"
direction = "up"
is_share = false
---*/
with first_day as (
    select min(event_date) as event_date from visit_days
),

final as (
    select
        days.event_date,
        coalesce(visited.visits, 0) as numerator,
        cast(null as bigint) as denominator,
        coalesce(visited.visitors, 0) as people
    from kpi_days as days
    cross join first_day
    left join visit_days as visited on days.event_date = visited.event_date
    where days.event_date >= first_day.event_date
)

select * from final
