/*---
description = "Each lesson that was viewed up to the watermark, in exact numbers"
kind = "scratch"
grain = ["course_id", "lesson_id"]
sort = []

[columns]
course_id = "the site's id of the course"
lesson_id = "the site's id of the lesson"
starts = "distinct members who viewed it"
views = "views"
revisits = "members who viewed it on two local days or more"
timed_members = "members of whom the time on it is known at least once"
mean_dwell_s = "mean time of a view of which it is known, seconds; null = of none"

[checks]
not_null = ["course_id", "lesson_id", "starts", "views", "revisits", "timed_members"]
---*/
with final as (
    select
        course_id,
        lesson_id,
        count(*) as starts,
        cast(sum(views) as bigint) as views,
        count(*) filter (where days >= 2) as revisits,
        count(*) filter (where timed_views > 0) as timed_members,
        cast(sum(dwell_s) as double) / nullif(cast(sum(timed_views) as bigint), 0) as mean_dwell_s
    from learner_lessons
    group by course_id, lesson_id
)

select * from final
