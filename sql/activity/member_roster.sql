/*---
description = "Every member but staff, from the members' table and from what was done; joined_date falls back to the first act or payment. Who is known only by ending the membership is not in it: nothing says when that member joined"
kind = "scratch"
grain = ["user_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
joined_date = "local day of joining; of the first act or payment where the members' table does not say"

[checks]
not_null = ["user_id", "joined_date"]
---*/
with seen as (
    select
        user_id,
        local_date as joined_date,
        cast(null as date) as event_date
    from stg_members
    where not is_staff
    union all
    select user_id, cast(null as date) as joined_date, min(event_date) as event_date
    from member_days
    group by user_id
    union all
    select user_id, cast(null as date) as joined_date, min(event_date) as event_date
    from payments
    group by user_id
),

final as (
    select user_id, coalesce(max(joined_date), min(event_date)) as joined_date
    from seen
    group by user_id
)

select * from final
