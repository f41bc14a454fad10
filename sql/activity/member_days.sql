/*---
description = "One row for each local day on which a member was active: did anything other than be charged or refunded, which happens without the member, or end the membership (an act of the kinds of retention.end); a purchase is an act"
kind = "table"
grain = ["user_id", "event_date"]
sort = []
sensitive = true

[incremental]
day = "event_date"

[columns]
user_id = "pseudonym of the member"
event_date = "local day of the community"
events = "acts, those of the kinds of retention.end left out"
page_views = "page views, lesson views included"
lesson_views = "views of lessons"
courses = "distinct courses touched"
ratings = "ratings given"
interactions = "interactions: posts, replies, likes, completions, ..."
starts = "acts that can start a cohort: all, or the kinds of retention.start"
returns = "acts that count as coming back: all, or the kinds of retention.return"
first_starts = "whether the first act of the day can start a cohort; of acts in one instant one is enough"
referer_host = "host that the first visit begun on the day came from; null = none"

[checks]
not_null = ["user_id", "event_date", "events", "starts", "returns", "first_starts"]
---*/
with acts as (
    select
        *,
        $start_any or kind in ($start_kinds) as is_start,
        $return_any or kind in ($return_kinds) as is_return
    from events
    -- to leave is no sign of activity: who does nothing else was not there
    where kind not in ('payment', 'refund', $end_kinds)
),

-- distinct courses in two steps: a distinct count over this many groups does not fit in memory
course_days as (
    select
        user_id,
        event_date,
        course_id,
        count(*) as events,
        count(*) filter (where source = 'access_log') as page_views,
        count(*) filter (where kind = 'lesson_view') as lesson_views,
        count(*) filter (where source = 'ratings') as ratings,
        count(*) filter (where source = 'interactions') as interactions,
        count(*) filter (where is_start) as starts,
        count(*) filter (where is_return) as returns,
        min(ts) as first_at,
        min(ts) filter (where is_start) as first_start_at
    from acts
    group by user_id, event_date, course_id
),

days as (
    select
        user_id,
        event_date,
        cast(sum(events) as bigint) as events,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(lesson_views) as bigint) as lesson_views,
        count(course_id) as courses,
        cast(sum(ratings) as bigint) as ratings,
        cast(sum(interactions) as bigint) as interactions,
        cast(sum(starts) as bigint) as starts,
        cast(sum(returns) as bigint) as returns,
        coalesce(min(first_start_at) = min(first_at), false) as first_starts
    from course_days
    group by user_id, event_date
),

first_visits as (
    select user_id, session_date, referer_host
    from sessions
    where user_id is not null
    qualify row_number() over (partition by user_id, session_date order by started_at, session_id) = 1
),

final as (
    select days.*, visits.referer_host
    from days
    left join first_visits as visits on days.user_id = visits.user_id and days.event_date = visits.session_date
)

select * from final
