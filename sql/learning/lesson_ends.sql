/*---
description = "How many have not completed the course and got no further than this lesson by the watermark, in exact numbers"
kind = "scratch"
grain = ["course_id", "lesson_id"]
sort = []

[columns]
course_id = "the site's id of the course"
lesson_id = "the site's id of the lesson that was reached last: its first view is the latest; of two in one instant the later id"
dropped = "members who did nothing in the course for $gone_after_days days or more"
undecided = "members who did, and may yet go on"

[checks]
not_null = ["course_id", "lesson_id", "dropped", "undecided"]
---*/
with stopped as (
    select user_id, course_id, latest_at, may_repeat, is_dropped
    from learner_courses
    where completed_date is null
),

latest as (
    select stopped.user_id, stopped.course_id, stopped.is_dropped, days.lesson_id
    from stopped
    inner join lesson_days as days
        on stopped.user_id = days.user_id
        and stopped.course_id = days.course_id
        and stopped.latest_at = days.first_at
    where not stopped.may_repeat and days.event_date <= $watermark
    union all
    -- a day of a lesson that was viewed before is no first view
    select stopped.user_id, stopped.course_id, stopped.is_dropped, lessons.lesson_id
    from stopped
    inner join learner_lessons as lessons
        on stopped.user_id = lessons.user_id
        and stopped.course_id = lessons.course_id
        and stopped.latest_at = lessons.first_at
    where stopped.may_repeat
),

reached as (
    select user_id, course_id, is_dropped, max(lesson_id) as lesson_id
    from latest
    group by user_id, course_id, is_dropped
),

final as (
    select
        course_id,
        lesson_id,
        count(*) filter (where is_dropped) as dropped,
        count(*) filter (where not is_dropped) as undecided
    from reached
    group by course_id, lesson_id
)

select * from final
