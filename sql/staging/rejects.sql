/*---
description = "Every raw row that can't be used, and why; includes the lines that could not be read at all"
kind = "table"
grain = ["source", "source_file", "source_row"]
sort = ["reason"]

[columns]
source = "raw table the row belongs to"
source_file = "file the row came from"
source_row = "position of the row, or of the line, in its file, from 1"
reason = "the first reason that applies"

[checks]
not_null = ["source", "source_file", "source_row", "reason"]
accepted = { source = ["access_log", "courses", "exposures", "impressions", "interactions", "members", "moderation", "payments", "ratings"] }
---*/
with final as (
    select 'access_log' as source, source_file, source_row, reject_reason as reason
    from base_access_log
    where reject_reason is not null
    union all
    select 'courses' as source, source_file, source_row, reject_reason as reason
    from base_courses
    where reject_reason is not null
    union all
    select 'exposures' as source, source_file, source_row, reject_reason as reason
    from base_exposures
    where reject_reason is not null
    union all
    select 'impressions' as source, source_file, source_row, reject_reason as reason
    from base_impressions
    where reject_reason is not null
    union all
    select 'interactions' as source, source_file, source_row, reject_reason as reason
    from base_interactions
    where reject_reason is not null
    union all
    select 'members' as source, source_file, source_row, reject_reason as reason
    from base_members
    where reject_reason is not null
    union all
    select 'moderation' as source, source_file, source_row, reject_reason as reason
    from base_moderation
    where reject_reason is not null
    union all
    select 'payments' as source, source_file, source_row, reject_reason as reason
    from base_payments
    where reject_reason is not null
    union all
    select 'ratings' as source, source_file, source_row, reject_reason as reason
    from base_ratings
    where reject_reason is not null
    union all
    select source, source_file, source_row, reason
    from raw_quarantine
)

select * from final
