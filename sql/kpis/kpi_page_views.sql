/*---
description = "Page views of each local day"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "page views of the day, of members and visitors, without noise"
denominator = "null: a plain number"
people = "distinct visitors the number rests on, members or not"

[checks]
not_null = ["event_date", "numerator", "people"]

[kpi]
title = "Page views"
numerator = "Page views of the day, of members and visitors, without noise"
window_days = 1
maturity_days = 0
unit = "views"
direction = "up"
is_share = false
---*/
with viewed as (
    select event_date, requests, actors from traffic_days where noise = 'none'
),

first_day as (
    select min(event_date) as event_date from viewed
),

final as (
    select
        days.event_date,
        coalesce(viewed.requests, 0) as numerator,
        cast(null as bigint) as denominator,
        coalesce(viewed.actors, 0) as people
    from kpi_days as days
    cross join first_day
    left join viewed on days.event_date = viewed.event_date
    where days.event_date >= first_day.event_date
)

select * from final
