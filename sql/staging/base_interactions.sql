/*---
description = "Every raw row of interactions (members' acts in the community), cleaned, with the first reason that keeps it from being used"
kind = "scratch"
grain = ["source_file", "source_row"]
sort = []

[incremental]
day = "local_date"

[columns]
source_file = "file the row came from"
source_row = "position of the row in its file, from 1"
ts = "instant of the act, UTC"
local_date = "local day of the community"
user_id = "pseudonym of the member"
kind = "post, reply, like, share, comment, complete, ...; lowercase"
target_user_id = "pseudonym of the member it is aimed at; null = nobody"
target_id = "pseudonym of the thing it is aimed at, since that may be a member"
course_id = "course it belongs to; null = none"
text = "what was written; null = nothing"
reject_reason = "why the row can't be used; null = it can"

[checks]
not_null = ["source_file", "source_row"]
---*/
select
    source_file,
    source_row,
    ts,
    local_date,
    user_id,
    lower(trim(kind)) as kind,
    target_user_id,
    target_id,
    course_id,
    text,
    case
        when problem is not null then problem
        when user_id is null or trim(user_id) = '' then '`user_id` is missing'
        when kind is null or trim(kind) = '' then '`kind` is missing'
        when target_id is null or trim(target_id) = '' then '`target_id` is missing'
        when ts is null then '`ts` is missing'
        when ts < timestamptz '1970-01-01T00:00:00Z' then '`ts` is before 1970-01-01'
        when ts > $as_of then '`ts` is after as_of'
    end as reject_reason
from raw_interactions
