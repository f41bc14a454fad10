/*---
description = "Every raw row that can't be used, and why; includes the lines that could not be read at all"
kind = "table"
grain = ["source", "source_file", "source_row"]
sort = ["reason"]

[incremental]
day = "event_date"
undated = ["base_courses", "base_members", "raw_quarantine"]

[columns]
event_date = "local day of the row; null = its time can't be read, or its source has no days"
source = "raw table the row belongs to"
source_file = "file the row came from"
source_row = "position of the row, or of the line, in its file, from 1"
reason = "the first reason that applies"

[checks]
not_null = ["source", "source_file", "source_row", "reason"]
accepted = { source = ["access_log", "courses", "exposures", "impressions", "interactions", "members", "moderation", "payments", "ratings"] }
---*/
with final as (
    select local_date as event_date, 'access_log' as source, source_file, source_row, reject_reason as reason
    from base_access_log
    where reject_reason is not null
    union all
    select cast(null as date) as event_date, 'courses' as source, source_file, source_row, reject_reason as reason
    from base_courses
    where reject_reason is not null
    union all
    select local_date as event_date, 'exposures' as source, source_file, source_row, reject_reason as reason
    from base_exposures
    where reject_reason is not null
    union all
    select local_date as event_date, 'impressions' as source, source_file, source_row, reject_reason as reason
    from base_impressions
    where reject_reason is not null
    union all
    select local_date as event_date, 'interactions' as source, source_file, source_row, reject_reason as reason
    from base_interactions
    where reject_reason is not null
    union all
    select cast(null as date) as event_date, 'members' as source, source_file, source_row, reject_reason as reason
    from base_members
    where reject_reason is not null
    union all
    select local_date as event_date, 'moderation' as source, source_file, source_row, reject_reason as reason
    from base_moderation
    where reject_reason is not null
    union all
    select local_date as event_date, 'payments' as source, source_file, source_row, reject_reason as reason
    from base_payments
    where reject_reason is not null
    union all
    select local_date as event_date, 'ratings' as source, source_file, source_row, reject_reason as reason
    from base_ratings
    where reject_reason is not null
    union all
    select cast(null as date) as event_date, source, source_file, source_row, reason
    from raw_quarantine
)

select * from final
