/*---
description = "A member's views of a lesson on a local day, and how long they dwelt: until their next page view, if it came within session_gap_s and by the end of the next day"
kind = "table"
grain = ["user_id", "course_id", "lesson_id", "event_date"]
sort = []
sensitive = true

[incremental]
day = "event_date"
lookahead_days = 1

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
lesson_id = "the site's id of the lesson"
event_date = "local day of the community"
views = "views of the lesson"
dwell_s = "time from these views to the next page view, where one came in time, whole seconds"
timed_views = "views of which that time is known; the last of a visit has none, unless the visit was cut at midnight"
first_at = "instant of the first view, UTC"

[checks]
not_null = ["user_id", "course_id", "lesson_id", "event_date", "views", "dwell_s", "timed_views", "first_at"]
---*/
with followed as (
    select
        *,
        lead(ts_us) over by_time - ts_us as until_next_us,
        lead(local_date) over by_time as next_date
    from page_views
    where user_id is not null
    window by_time as (partition by actor_id order by local_date, ts_us, path)
),

-- by dates too: the zones that skipped a day would need more than the next
lesson_views as (
    select
        *,
        case
            when until_next_us < cast($session_gap_s as bigint) * 1000000 and next_date <= local_date + 1 then until_next_us
        end as dwell_us
    from followed
    where event = 'lesson_view' and course_id is not null and lesson_id is not null
),

final as (
    select
        user_id,
        course_id,
        lesson_id,
        local_date as event_date,
        count(*) as views,
        cast(floor(cast(coalesce(sum(dwell_us), 0) as double) / 1000000) as bigint) as dwell_s,
        count(dwell_us) as timed_views,
        min(ts) as first_at
    from lesson_views
    group by user_id, course_id, lesson_id, local_date
)

select * from final
