/*---
description = "What a member has done with a lesson up to the watermark: all their days with it added up"
kind = "scratch"
grain = ["user_id", "course_id", "lesson_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
lesson_id = "the site's id of the lesson"
first_at = "instant of the first view, UTC"
days = "local days with a view"
views = "views"
dwell_s = "time on the lesson, whole seconds, over timed_views"
timed_views = "views of which that time is known"

[checks]
not_null = ["user_id", "course_id", "lesson_id", "first_at", "days", "views", "dwell_s", "timed_views"]
---*/
-- the only pass over lesson_days, which is the longest of the tables by day: courses, lessons and progress read this one
with final as (
    select
        user_id,
        course_id,
        lesson_id,
        min(first_at) as first_at,
        count(*) as days,
        cast(sum(views) as bigint) as views,
        cast(sum(dwell_s) as bigint) as dwell_s,
        cast(sum(timed_views) as bigint) as timed_views
    from lesson_days
    where event_date <= $watermark
    group by user_id, course_id, lesson_id
)

select * from final
