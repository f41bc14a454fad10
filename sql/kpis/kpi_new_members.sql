/*---
description = "Members who joined on each local day"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "members who joined on the day; by their first act where the site does not say"
denominator = "null: a plain number"
people = "distinct members the number rests on"

[checks]
not_null = ["event_date", "numerator", "people"]

[kpi]
title = "New members"
numerator = "Members who joined on the day; by their first act where the site does not say"
window_days = 1
maturity_days = 0
unit = "members"
direction = "up"
is_share = false
---*/
with joined as (
    select joined_date, count(*) as members from member_roster group by joined_date
),

first_day as (
    select min(joined_date) as event_date from joined
),

final as (
    select
        days.event_date,
        coalesce(joined.members, 0) as numerator,
        cast(null as bigint) as denominator,
        coalesce(joined.members, 0) as people
    from kpi_days as days
    cross join first_day
    left join joined on days.event_date = joined.joined_date
    where days.event_date >= first_day.event_date
)

select * from final
