/*---
description = "Members active in the 30 local days up to each, by the most they did: 90-9-1"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the 30"
active = "members active in these days"
creators = "those of them who opened a topic"
responders = "those of them who replied, posted or commented, and opened no topic"
readers = "the others"
smallest = "members of the smallest of the three groups that is not empty"

[checks]
not_null = ["event_date", "active", "creators", "responders", "readers", "smallest"]
---*/
with measured as (
    select
        event_date,
        max(members) filter (where measure = 'active_30') as active,
        coalesce(max(members) filter (where measure = 'creator_30'), 0) as creators,
        max(members) filter (where measure = 'contributor_30') as contributors
    from daily_members
    where measure in ('active_30', 'creator_30', 'contributor_30')
    group by event_date
),

groups as (
    select
        days.event_date,
        measured.active,
        measured.creators,
        measured.contributors - measured.creators as responders,
        measured.active - measured.contributors as readers
    from kpi_days as days
    inner join measured on days.event_date = measured.event_date
    where measured.active is not null and measured.contributors is not null
),

final as (
    select
        event_date,
        active,
        creators,
        responders,
        readers,
        least(
            coalesce(nullif(creators, 0), active),
            coalesce(nullif(responders, 0), active),
            coalesce(nullif(readers, 0), active)
        ) as smallest
    from groups
)

select * from final
