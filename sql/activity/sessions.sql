/*---
description = "Visits of members and visitors, without noise: a gap of session_gap_s seconds or more starts a new one, midnight does not; one that went on through a whole local day without a gap is cut at its end"
kind = "table"
grain = ["session_id"]
sort = []

[incremental]
day = "session_date"
lookback_days = 2
lookahead_days = 1

[columns]
session_id = "md5 of the actor and the first instant"
actor_id = "pseudonym of the member, else of the visitor, else of address, agent and day"
user_id = "pseudonym of the member; null = not logged in"
session_date = "local day of the first page view"
started_at = "instant of the first page view, UTC"
ended_at = "instant of the last page view, UTC"
duration_s = "whole seconds from the first page view to the last"
page_views = "page views"
courses = "distinct courses seen"
entry_event = "event of the first page view by the site's routes; page_view where none matched. Paths stay unpublished: they may name people"
exit_event = "event of the last page view"
referer_host = "host that the visit came from; null = none was sent"

[checks]
not_null = ["session_id", "actor_id", "session_date", "started_at", "ended_at", "entry_event", "exit_event"]
---*/
with gaps as (
    select
        *,
        ts_us - lag(ts_us) over (partition by actor_id order by local_date, ts_us, path) as since_previous_us,
        lag(local_date) over (partition by actor_id order by local_date, ts_us, path) as previous_date
    from page_views
),

-- a day without a gap, not even before its first page view, has 0 breaks
breaks as (
    select
        *,
        coalesce(since_previous_us >= $session_gap_s * 1000000, true) as is_break,
        count(*) filter (where coalesce(since_previous_us >= $session_gap_s * 1000000, true))
            over (partition by actor_id, local_date) as day_breaks
    from gaps
),

entries as (
    select
        *,
        is_break or (
            previous_date <> local_date
            and lag(day_breaks) over (partition by actor_id order by local_date, ts_us, path) = 0
        ) as is_entry
    from breaks
),

-- the frame is by value, so page views of one instant get one number
numbered as (
    select
        *,
        coalesce(lead(is_entry) over (partition by actor_id order by local_date, ts_us, path), true) as is_exit,
        sum(case when is_entry then 1 else 0 end) over (partition by actor_id order by local_date, ts_us) as session_number
    from entries
),

-- distinct courses in two steps: a distinct count over this many groups does not fit in memory
course_visits as (
    select
        actor_id,
        session_number,
        course_id,
        max(user_id) as user_id,
        min(local_date) as session_date,
        min(ts) as started_at,
        max(ts) as ended_at,
        min(ts_us) as started_us,
        max(ts_us) as ended_us,
        count(*) as page_views,
        max(event) filter (where is_entry) as entry_event,
        max(event) filter (where is_exit) as exit_event,
        max(referer_host) filter (where is_entry) as referer_host
    from numbered
    group by actor_id, session_number, course_id
),

final as (
    select
        md5(concat_ws(' ', actor_id, cast(min(started_us) as varchar))) as session_id,
        actor_id,
        max(user_id) as user_id,
        min(session_date) as session_date,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        cast(floor(cast(max(ended_us) - min(started_us) as double) / 1000000) as bigint) as duration_s,
        cast(sum(page_views) as bigint) as page_views,
        count(course_id) as courses,
        max(entry_event) as entry_event,
        max(exit_event) as exit_event,
        max(referer_host) as referer_host
    from course_visits
    group by actor_id, session_number
)

select * from final
