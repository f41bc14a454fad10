/*---
description = "Visits of members and visitors, without noise: a gap of session_gap_s seconds or more starts a new one, midnight does not"
kind = "table"
grain = ["session_id"]
sort = []

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

[checks]
not_null = ["session_id", "actor_id", "session_date", "started_at", "ended_at", "entry_event", "exit_event"]
---*/
with page_views as (
    select
        actor_id,
        user_id,
        local_date,
        ts,
        cast(round(extract(epoch from ts) * 1000000) as bigint) as ts_us,
        path,
        coalesce(event, 'page_view') as event,
        course_id
    from stg_access_log
    where noise is null
),

gaps as (
    select
        *,
        ts_us - lag(ts_us) over (partition by actor_id order by ts_us, path) as since_previous_us,
        lead(ts_us) over (partition by actor_id order by ts_us, path) - ts_us as until_next_us
    from page_views
),

bounds as (
    select
        *,
        coalesce(since_previous_us >= $session_gap_s * 1000000, true) as is_entry,
        coalesce(until_next_us >= $session_gap_s * 1000000, true) as is_exit
    from gaps
),

-- the frame is by value, so page views of one instant get one number
numbered as (
    select
        *,
        sum(case when is_entry then 1 else 0 end) over (partition by actor_id order by ts_us) as session_number
    from bounds
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
        max(event) filter (where is_exit) as exit_event
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
        max(exit_event) as exit_event
    from course_visits
    group by actor_id, session_number
)

select * from final
