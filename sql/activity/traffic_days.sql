/*---
description = "Kept requests of each local day by why they are not a person's page view; they are flagged, not dropped"
kind = "state"
grain = ["event_date", "noise"]
sort = []
sensitive = true

[incremental]
day = "event_date"

[columns]
event_date = "local day of the community"
noise = "none = a person's page view; else the first that applies of bot, health_check, asset, method (HEAD, OPTIONS), status (4xx, 5xx, 3xx but 304), staff"
requests = "requests, rows of the access log"
actors = "distinct members, visitors or machines behind them"

[checks]
not_null = ["event_date", "noise", "requests", "actors"]
accepted = { noise = ["none", "bot", "health_check", "asset", "method", "status", "staff"] }
---*/
with actor_days as (
    select local_date, coalesce(noise, 'none') as noise, actor_id, count(*) as requests
    from stg_access_log
    group by local_date, coalesce(noise, 'none'), actor_id
),

final as (
    select
        local_date as event_date,
        noise,
        cast(sum(requests) as bigint) as requests,
        count(*) as actors
    from actor_days
    group by local_date, noise
)

select * from final
