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
-- members are their days with the lesson less those after the first
with repeated as (
    select
        course_id,
        lesson_id,
        cast(sum(days - 1) as bigint) as later_days,
        cast(sum(greatest(timed_days - 1, 0)) as bigint) as later_timed_days,
        count(*) filter (where days >= 2) as revisits
    from learner_lessons
    group by course_id, lesson_id
),

final as (
    select
        totals.course_id,
        totals.lesson_id,
        totals.member_days - coalesce(repeated.later_days, 0) as starts,
        totals.views,
        coalesce(repeated.revisits, 0) as revisits,
        totals.timed_days - coalesce(repeated.later_timed_days, 0) as timed_members,
        cast(totals.dwell_s as double) / nullif(totals.timed_views, 0) as mean_dwell_s
    from lesson_totals as totals
    left join repeated on totals.course_id = repeated.course_id and totals.lesson_id = repeated.lesson_id
)

select * from final
