/*---
description = "How far each learner has come in each course by the watermark; a learner saw a lesson of it, completed or rated it"
kind = "table"
grain = ["user_id", "course_id"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
started_date = "first local day with a view of a lesson; null = none was viewed"
last_date = "last local day with any act in the course"
lessons_seen = "distinct lessons viewed"
lessons = "lessons of the course by the catalogue; null = not known"
progress = "lessons_seen / lessons, 0 to 1, at most 1; null = lessons is not known, or 0"
completed_date = "local day of the first completion; null = not completed"
active_days = "local days with any act in the course"
dwell_s = "time on lessons, whole seconds: each view until the next page view in the same visit; the last of a visit counts as none"
is_dropped = "whether the course is not completed, and the member did nothing in it for $gone_after_days days or more up to the watermark"

[checks]
not_null = ["user_id", "course_id", "last_date", "lessons_seen", "active_days", "dwell_s", "is_dropped"]
relationships = { course_id = "course_stats.course_id" }

[checks.expressions]
progress_is_a_share = "progress is null or (progress >= 0 and progress <= 1)"
started_by_last = "started_date is null or started_date <= last_date"
---*/
with final as (
    select
        learners.user_id,
        learners.course_id,
        learners.started_date,
        learners.last_date,
        learners.lessons_seen,
        cast(courses.lessons as bigint) as lessons,
        case
            when courses.lessons > 0 then cast(least(learners.lessons_seen, courses.lessons) as double) / courses.lessons
        end as progress,
        learners.completed_date,
        learners.active_days,
        learners.dwell_s,
        learners.is_dropped
    from stg_courses as courses
    right join learner_courses as learners on courses.course_id = learners.course_id
)

select * from final
