/*---
description = "Kept requests by why they are not a person's page view; they are flagged, not dropped"
kind = "table"
grain = ["noise"]

[columns]
noise = "none = a person's page view; else the first that applies of bot, health_check, asset, method (HEAD, OPTIONS), status (4xx, 5xx, 3xx but 304), staff"
requests = "requests, rows of the access log"
share = "share of all kept requests, 0 to 1"

[checks]
not_null = ["noise", "requests", "share"]
accepted = { noise = ["none", "bot", "health_check", "asset", "method", "status", "staff"] }
---*/
with counted as (
    select noise, cast(sum(requests) as bigint) as requests
    from traffic_days
    group by noise
),

final as (
    select
        noise,
        requests,
        cast(requests as double) / cast(sum(requests) over () as double) as share
    from counted
)

select * from final
