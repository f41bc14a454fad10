/*---
description = "Rows of each raw table: read = kept + rejected, in every run; unreadable lines count as read"
kind = "table"
grain = ["source"]
sort = []

[columns]
source = "raw table"
rows_read = "rows and unreadable lines found in its files"
rows_kept = "rows that are used"
rows_rejected = "rows that are listed in `rejects`"

[checks]
not_null = ["source", "rows_read", "rows_kept", "rows_rejected"]
min_rows = 9
---*/
with counted as (
    select 'access_log' as source, count(*) as rows, count(reject_reason) as rejected
    from base_access_log
    union all
    select 'courses' as source, count(*) as rows, count(reject_reason) as rejected
    from base_courses
    union all
    select 'exposures' as source, count(*) as rows, count(reject_reason) as rejected
    from base_exposures
    union all
    select 'impressions' as source, count(*) as rows, count(reject_reason) as rejected
    from base_impressions
    union all
    select 'interactions' as source, count(*) as rows, count(reject_reason) as rejected
    from base_interactions
    union all
    select 'members' as source, count(*) as rows, count(reject_reason) as rejected
    from base_members
    union all
    select 'moderation' as source, count(*) as rows, count(reject_reason) as rejected
    from base_moderation
    union all
    select 'payments' as source, count(*) as rows, count(reject_reason) as rejected
    from base_payments
    union all
    select 'ratings' as source, count(*) as rows, count(reject_reason) as rejected
    from base_ratings
    union all
    select source, count(*) as rows, count(*) as rejected
    from raw_quarantine
    group by source
),

final as (
    select
        source,
        cast(sum(rows) as bigint) as rows_read,
        cast(sum(rows) - sum(rejected) as bigint) as rows_kept,
        cast(sum(rejected) as bigint) as rows_rejected
    from counted
    group by source
)

select * from final
