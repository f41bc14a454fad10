/*---
description = "What a member did with a lesson up to the watermark, all days added up, in those of the member's courses in which a lesson may have been viewed on several days; in all others each row of lesson_days is a lesson"
kind = "scratch"
grain = ["user_id", "course_id", "lesson_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
lesson_id = "the site's id of the lesson"
first_at = "instant of the first view, UTC"
days = "local days with a view"
timed_days = "those with a view of which the time on it is known"

[checks]
not_null = ["user_id", "course_id", "lesson_id", "first_at", "days", "timed_days"]
---*/
-- nearly as many groups as rows: too dear for all of lesson_days, which is the longest of the tables by day
with final as (
    select
        days.user_id,
        days.course_id,
        days.lesson_id,
        min(days.first_at) as first_at,
        count(*) as days,
        count(*) filter (where days.timed_views > 0) as timed_days
    from learner_totals as learners
    inner join lesson_days as days on learners.user_id = days.user_id and learners.course_id = days.course_id
    where learners.may_repeat and days.event_date <= $watermark
    group by days.user_id, days.course_id, days.lesson_id
)

select * from final
