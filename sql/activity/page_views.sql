/*---
description = "Requests that are a person's page views: without noise"
kind = "view"
grain = []
sort = []

[columns]
local_date = "local day of the community"
ts = "instant of the request, UTC"
ts_us = "the same, microseconds since 1970"
actor_id = "pseudonym of the member, else of the visitor, else of address, agent and day"
user_id = "pseudonym of the member; null = not logged in"
path = "path without session parameters"
event = "event of the route; page_view where none matched"
course_id = "course in the route; null = none"
lesson_id = "lesson in the route; null = none"
referer_host = "host the visitor came from; null = none"

[checks]
not_null = ["local_date", "ts", "ts_us", "actor_id", "event"]
---*/
select
    local_date,
    ts,
    cast(round(extract(epoch from ts) * 1000000) as bigint) as ts_us,
    actor_id,
    user_id,
    path,
    coalesce(event, 'page_view') as event,
    course_id,
    lesson_id,
    referer_host
from stg_access_log
where noise is null
