/*---
description = "First and last instant of a member's activity, as in member_days, by local day and UTC day: what 24-hour windows are counted from, since a UTC day has at most one of their bounds"
kind = "state"
grain = ["user_id", "event_date", "utc_date"]
sort = []
sensitive = true

[incremental]
day = "event_date"

[columns]
user_id = "pseudonym of the member"
event_date = "local day of the community"
utc_date = "day of the acts in UTC"
first_at = "instant of the first act, UTC"
last_at = "instant of the last act, UTC"

[checks]
not_null = ["user_id", "event_date", "utc_date", "first_at", "last_at"]
---*/
with acts as (
    select user_id, event_date, cast(ts at time zone 'UTC' as date) as utc_date, ts
    from events
    where kind not in ('payment', 'refund', $end_kinds)
),

final as (
    select user_id, event_date, utc_date, min(ts) as first_at, max(ts) as last_at
    from acts
    group by user_id, event_date, utc_date
)

select * from final
