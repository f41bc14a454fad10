/*---
description = "Members' acts in the community: the usable rows"
kind = "view"
grain = []
sort = []

[columns]
ts = "instant of the act, UTC"
local_date = "local day of the community"
user_id = "pseudonym of the member"
kind = "post, reply, like, share, comment, complete, ...; lowercase"
target_user_id = "pseudonym of the member it is aimed at; null = nobody"
target_id = "pseudonym of the thing it is aimed at, since that may be a member"
course_id = "course it belongs to; null = none"
text = "what was written; null = nothing"

[checks]
not_null = ["user_id", "kind", "target_id", "ts", "local_date"]
---*/
select
    ts,
    local_date,
    user_id,
    kind,
    target_user_id,
    target_id,
    course_id,
    text
from base_interactions
where reject_reason is null
