/*---
description = "What members did, one row an act: page views without noise, ratings, interactions and payments; staff are left out"
kind = "table"
grain = []
sort = ["event_date", "user_id", "ts", "kind", "course_id", "lesson_id", "source", "duration_ms", "rating"]
sensitive = true

[incremental]
day = "event_date"

[columns]
event_date = "local day of the act"
ts = "instant of the act, UTC"
user_id = "pseudonym of the member"
kind = "event of the route (page_view if none matched), rating, or the kind of the interaction or payment"
course_id = "course it belongs to; null = none"
lesson_id = "lesson it belongs to; null = none"
source = "raw table it comes from"
duration_ms = "time the site took to answer, milliseconds; null = not a request, or not logged"
rating = "stars on the site's scale; null = not a rating"

[checks]
not_null = ["event_date", "ts", "user_id", "kind", "source"]
accepted = { source = ["access_log", "ratings", "interactions", "payments"] }
---*/
with final as (
    select
        local_date as event_date,
        ts,
        user_id,
        coalesce(event, 'page_view') as kind,
        course_id,
        lesson_id,
        'access_log' as source,
        duration_ms,
        cast(null as double) as rating
    from stg_access_log
    where user_id is not null and noise is null
    union all
    select
        event_date,
        ts,
        user_id,
        'rating' as kind,
        course_id,
        cast(null as varchar) as lesson_id,
        'ratings' as source,
        cast(null as bigint) as duration_ms,
        rating
    from ratings
    union all
    select
        event_date,
        ts,
        user_id,
        kind,
        course_id,
        cast(null as varchar) as lesson_id,
        'interactions' as source,
        cast(null as bigint) as duration_ms,
        cast(null as double) as rating
    from interactions
    union all
    select
        event_date,
        ts,
        user_id,
        kind,
        cast(null as varchar) as course_id,
        cast(null as varchar) as lesson_id,
        'payments' as source,
        cast(null as bigint) as duration_ms,
        cast(null as double) as rating
    from payments
)

select * from final
