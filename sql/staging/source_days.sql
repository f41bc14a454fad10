/*---
description = "Rows of each raw table by local day: read = kept + rejected; unreadable lines count as read"
kind = "table"
grain = ["source", "event_date"]
sort = []

[incremental]
day = "event_date"
undated = ["base_courses", "base_members", "raw_quarantine"]

[columns]
source = "raw table"
event_date = "local day of the rows; null = their time can't be read, or their source has no days"
rows_read = "rows and unreadable lines"
rows_kept = "rows that are used"
rows_rejected = "rows that are listed in `rejects`"

[checks]
not_null = ["source", "rows_read", "rows_kept", "rows_rejected"]
expressions = { nothing_lost = "rows_read = rows_kept + rows_rejected" }
---*/
with counted as (
    select 'access_log' as source, local_date as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_access_log
    group by local_date
    union all
    select 'courses' as source, cast(null as date) as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_courses
    having count(*) > 0
    union all
    select 'exposures' as source, local_date as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_exposures
    group by local_date
    union all
    select 'impressions' as source, local_date as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_impressions
    group by local_date
    union all
    select 'interactions' as source, local_date as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_interactions
    group by local_date
    union all
    select 'members' as source, cast(null as date) as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_members
    having count(*) > 0
    union all
    select 'moderation' as source, local_date as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_moderation
    group by local_date
    union all
    select 'payments' as source, local_date as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_payments
    group by local_date
    union all
    select 'ratings' as source, local_date as event_date, count(*) as rows, count(reject_reason) as rejected
    from base_ratings
    group by local_date
    union all
    select source, cast(null as date) as event_date, count(*) as rows, count(*) as rejected
    from raw_quarantine
    group by source
),

final as (
    select
        source,
        event_date,
        cast(sum(rows) as bigint) as rows_read,
        cast(sum(rows) - sum(rejected) as bigint) as rows_kept,
        cast(sum(rejected) as bigint) as rows_rejected
    from counted
    group by source, event_date
)

select * from final
