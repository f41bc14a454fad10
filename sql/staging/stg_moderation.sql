/*---
description = "Sanctions against members: the usable rows"
kind = "view"
grain = []
sort = []

[columns]
ts = "instant of the act, UTC"
local_date = "local day of the community"
user_id = "pseudonym of the member"
action = "what was done, lowercase"
reason = "why; null = not said"

[checks]
not_null = ["user_id", "action", "ts", "local_date"]
---*/
select
    ts,
    local_date,
    user_id,
    action,
    reason
from base_moderation
where reject_reason is null
