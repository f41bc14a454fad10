/*---
description = "A member's way through a course up to the watermark, of every learner: a member who saw a lesson of it, completed or rated it"
kind = "scratch"
grain = ["user_id", "course_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
started_date = "first local day with a view of a lesson; null = none was viewed"
completed_date = "local day of the first completion; null = not completed"
learned_date = "last local day on which the member saw a lesson, completed or rated the course"
last_date = "last local day with any act in the course"
active_days = "local days with any act in the course"
lesson_views = "lesson views"
lessons_seen = "distinct lessons viewed"
latest_at = "first view of the lesson that was reached last, UTC; null = none was viewed"
dwell_s = "time on lessons, whole seconds, over timed_views"
timed_views = "lesson views of which that time is known"
is_dropped = "whether the course is not completed, and the member did nothing in it for $gone_after_days days or more up to the watermark"

[checks]
not_null = ["user_id", "course_id", "learned_date", "last_date", "active_days", "lesson_views", "lessons_seen", "is_dropped"]
---*/
with touched as (
    select
        user_id,
        course_id,
        min(case when lesson_views > 0 then event_date end) as started_date,
        min(case when completions > 0 then event_date end) as completed_date,
        max(case when lesson_views > 0 or completions > 0 or ratings > 0 then event_date end) as learned_date,
        max(event_date) as last_date,
        count(*) as active_days,
        cast(sum(lesson_views) as bigint) as lesson_views
    from member_course_days
    where event_date <= $watermark
    group by user_id, course_id
),

seen as (
    select
        user_id,
        course_id,
        count(*) as lessons_seen,
        max(first_at) as latest_at,
        cast(sum(dwell_s) as bigint) as dwell_s,
        cast(sum(timed_views) as bigint) as timed_views
    from learner_lessons
    group by user_id, course_id
),

final as (
    select
        touched.user_id,
        touched.course_id,
        touched.started_date,
        touched.completed_date,
        touched.learned_date,
        touched.last_date,
        touched.active_days,
        touched.lesson_views,
        coalesce(seen.lessons_seen, 0) as lessons_seen,
        seen.latest_at,
        coalesce(seen.dwell_s, 0) as dwell_s,
        coalesce(seen.timed_views, 0) as timed_views,
        touched.completed_date is null and $watermark - touched.last_date >= $gone_after_days as is_dropped
    from touched
    left join seen on touched.user_id = seen.user_id and touched.course_id = seen.course_id
    where touched.learned_date is not null
)

select * from final
