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
may_repeat = "whether learner_lessons has the member's lessons of the course: one may have been viewed on several days"
is_dropped = "whether the course is not completed, and the member did nothing in it for $gone_after_days days or more up to the watermark"

[checks]
not_null = ["user_id", "course_id", "learned_date", "last_date", "active_days", "lesson_views", "lessons_seen", "may_repeat", "is_dropped"]
---*/
with repeated as (
    select user_id, course_id, count(*) as lessons_seen, max(first_at) as latest_at
    from learner_lessons
    group by user_id, course_id
),

final as (
    select
        courses.user_id,
        courses.course_id,
        courses.started_date,
        courses.completed_date,
        courses.learned_date,
        courses.last_date,
        courses.active_days,
        courses.lesson_views,
        coalesce(repeated.lessons_seen, totals.lesson_days, 0) as lessons_seen,
        coalesce(repeated.latest_at, totals.latest_at) as latest_at,
        coalesce(totals.dwell_s, 0) as dwell_s,
        coalesce(totals.timed_views, 0) as timed_views,
        coalesce(totals.may_repeat, false) as may_repeat,
        courses.completed_date is null and $watermark - courses.last_date >= $gone_after_days as is_dropped
    from member_courses as courses
    left join learner_totals as totals on courses.user_id = totals.user_id and courses.course_id = totals.course_id
    left join repeated on courses.user_id = repeated.user_id and courses.course_id = repeated.course_id
    where courses.learned_date is not null
)

select * from final
