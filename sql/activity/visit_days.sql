/*---
description = "Visits of each local day, without noise, and who made them"
kind = "state"
grain = ["event_date"]
sort = []
sensitive = true

[incremental]
day = "event_date"

[columns]
event_date = "local day on which the visits began"
visits = "visits of members and visitors"
visitors = "distinct members and visitors behind them"
member_visits = "visits of members"
page_views = "page views of these visits"

[checks]
not_null = ["event_date", "visits", "visitors", "member_visits", "page_views"]
---*/
with visitors as (
    select
        session_date as event_date,
        actor_id,
        count(*) as visits,
        count(user_id) as member_visits,
        cast(sum(page_views) as bigint) as page_views
    from sessions
    group by session_date, actor_id
),

final as (
    select
        event_date,
        cast(sum(visits) as bigint) as visits,
        count(*) as visitors,
        cast(sum(member_visits) as bigint) as member_visits,
        cast(sum(page_views) as bigint) as page_views
    from visitors
    group by event_date
)

select * from final
