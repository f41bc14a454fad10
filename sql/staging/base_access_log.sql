/*---
description = "Every raw row of the access log, cleaned, with what makes it noise and the first reason that keeps it from being used; noise is flagged, never dropped"
kind = "scratch"
grain = ["source_file", "source_row"]
sort = []

[incremental]
day = "local_date"

[columns]
source_file = "file the row came from"
source_row = "position of the row in its file, from 1"
ts = "instant of the request, UTC"
local_date = "local day of the community"
actor_id = "pseudonym of the member, else of the visitor, else of address, agent and day"
user_id = "pseudonym of the member; null = not logged in"
path = "path without session parameters"
event = "event of the route that matched; null = none did"
course_id = "course in the route; null = none"
lesson_id = "lesson in the route; null = none"
method = "HTTP method, uppercase; null = not logged"
status = "HTTP status; null = not logged"
bytes = "bytes sent; null = not logged"
referer_host = "host the visitor came from; null = none"
duration_ms = "time to answer, milliseconds; null = not logged"
noise = "bot, health_check, asset, method, status or staff: the first that applies; null = a person's page view"
reject_reason = "why the row can't be used; null = it can"

[checks]
not_null = ["source_file", "source_row"]
accepted = { noise = ["bot", "health_check", "asset", "method", "status", "staff"] }
---*/
with final as (
    select
        log.source_file,
        log.source_row,
        log.ts,
        log.local_date,
        log.actor_id,
        log.user_id,
        log.path,
        log.event,
        log.course_id,
        log.lesson_id,
        upper(log.method) as method,
        log.status,
        log.bytes,
        log.referer_host,
        log.duration_ms,
        case
            when log.is_bot then 'bot'
            when log.is_health_check then 'health_check'
            when log.is_asset then 'asset'
            when upper(log.method) in ('HEAD', 'OPTIONS') then 'method'
            when log.status >= 300 and log.status <> 304 then 'status'
            when staff.user_id is not null then 'staff'
        end as noise,
        case
            when log.problem is not null then log.problem
            when log.path is null or trim(log.path) = '' then '`path` is missing'
            when log.ts is null then '`ts` is missing'
            when log.ts < timestamptz '1970-01-01T00:00:00Z' then '`ts` is before 1970-01-01'
            when log.ts > $as_of then '`ts` is after as_of'
            when log.actor_id is null then 'no `user_id`, `visitor_id` or `ip`'
            when log.is_copy then 'duplicate of an earlier row'
        end as reject_reason
    -- the log is on the right: an engine that keeps the left side in memory then keeps the few
    from staff
    right join raw_access_log as log on staff.user_id = log.user_id and staff.joined_date <= log.local_date
)

select * from final
