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
with reached as (
    select
        learners.user_id,
        learners.course_id,
        learners.is_dropped,
        max(lessons.lesson_id) as lesson_id
    from learner_courses as learners
    inner join learner_lessons as lessons
        on learners.user_id = lessons.user_id
        and learners.course_id = lessons.course_id
        and learners.latest_at = lessons.first_at
    where learners.completed_date is null
    group by learners.user_id, learners.course_id, learners.is_dropped
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
