/*---
description = "Visits of members and visitors, without noise: a gap of session_gap_s seconds or more starts a new one, midnight does not; one that went on through a whole local day without a gap is cut at its end"
kind = "table"
grain = ["session_id"]
sensitive = true
incremental = { day = "session_date", lookback_days = 2, lookahead_days = 1 }

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
-- the order leaves open only which of two page views comes first that are alike in all that is used below
with timed as (
    select
        *,
        coalesce(ts_us - lag(ts_us) over by_time >= cast($session_gap_s as bigint) * 1000000, true) as is_break,
        coalesce(lead(ts_us) over by_time - ts_us >= cast($session_gap_s as bigint) * 1000000, true) as is_before_break,
        lag(local_date) over by_time as previous_date,
        lead(local_date) over by_time as next_date
    from page_views
    window by_time as (partition by actor_id order by local_date, ts_us, path, referer_host)
),

numbered as (
    select
        *,
        sum(case when is_break then 1 else 0 end) over so_far as break_number,
        max(case when is_break then local_date end) over so_far as first_date
    from timed
    window so_far as (
        partition by actor_id order by local_date, ts_us, path, referer_host rows between unbounded preceding and current row
    )
),

-- from the third day on, each day without a break is a visit of its own
cut as (
    select
        *,
        greatest(local_date - first_date - 1, 0) as cuts,
        is_break or (previous_date <> local_date and local_date - first_date > 1) as is_entry,
        is_before_break or (next_date <> local_date and next_date - first_date > 1) as is_exit
    from numbered
),

-- distinct courses in two steps: a distinct count over this many groups does not fit in memory
course_visits as (
    select
        actor_id,
        break_number,
        cuts,
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
    from cut
    group by actor_id, break_number, cuts, course_id
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
    group by actor_id, break_number, cuts
)

select * from final
