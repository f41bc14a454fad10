/*---
description = "Requests: the usable rows, noise included and flagged"
kind = "view"
grain = []
sort = []

[columns]
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

[checks]
not_null = ["ts", "local_date", "actor_id", "path"]
---*/
select
    ts,
    local_date,
    actor_id,
    user_id,
    path,
    event,
    course_id,
    lesson_id,
    method,
    status,
    bytes,
    referer_host,
    duration_ms,
    noise
from base_access_log
where reject_reason is null
