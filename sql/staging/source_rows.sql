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
with sources as (
    select *
    from (values
        ('access_log'),
        ('courses'),
        ('exposures'),
        ('impressions'),
        ('interactions'),
        ('members'),
        ('moderation'),
        ('payments'),
        ('ratings')
    ) as sources (source)
),

final as (
    select
        sources.source,
        cast(coalesce(sum(days.rows_read), 0) as bigint) as rows_read,
        cast(coalesce(sum(days.rows_kept), 0) as bigint) as rows_kept,
        cast(coalesce(sum(days.rows_rejected), 0) as bigint) as rows_rejected
    from sources
    left join source_days as days on sources.source = days.source
    group by sources.source
)

select * from final
