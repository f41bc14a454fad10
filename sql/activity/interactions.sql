/*---
description = "What members did in the community; staff are left out, and what was written stays unpublished"
kind = "table"
grain = []
sort = ["event_date", "user_id", "ts", "kind", "target_id", "target_user_id", "course_id"]
sensitive = true

[incremental]
day = "event_date"

[columns]
event_date = "local day of the act"
user_id = "pseudonym of the member"
ts = "instant of the act, UTC"
kind = "post, reply, like, share, comment, complete, ...; lowercase"
target_id = "pseudonym of the thing it is aimed at, since that may be a member"
target_user_id = "pseudonym of the member it is aimed at; null = nobody"
course_id = "course it belongs to; null = none"

[checks]
not_null = ["event_date", "user_id", "ts", "kind", "target_id"]
---*/
with final as (
    select
        acts.local_date as event_date,
        acts.user_id,
        acts.ts,
        acts.kind,
        acts.target_id,
        acts.target_user_id,
        acts.course_id
    from stg_interactions as acts
    left join staff on acts.user_id = staff.user_id and staff.joined_date <= acts.local_date
    where staff.user_id is null
)

select * from final
