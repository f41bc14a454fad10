/*---
description = "Each lesson that was viewed up to the watermark: its days with all members added up, and a number"
kind = "scratch"
grain = ["course_id", "lesson_id"]
sort = []

[columns]
course_id = "the site's id of the course"
lesson_id = "the site's id of the lesson"
number = "place of the id among the lessons of the course that were viewed, from 1: a small number that stands for it"
member_days = "pairs of a member and a local day with a view"
timed_days = "those with a view of which the time on it is known"
views = "views"
dwell_s = "time on the lesson, whole seconds, over timed_views"
timed_views = "views of which that time is known"

[checks]
not_null = ["course_id", "lesson_id", "number", "member_days", "timed_days", "views", "dwell_s", "timed_views"]
---*/
with totals as (
    select
        course_id,
        lesson_id,
        count(*) as member_days,
        count(*) filter (where timed_views > 0) as timed_days,
        cast(sum(views) as bigint) as views,
        cast(sum(dwell_s) as bigint) as dwell_s,
        cast(sum(timed_views) as bigint) as timed_views
    from lesson_days
    where event_date <= $watermark
    group by course_id, lesson_id
),

final as (
    select
        course_id,
        lesson_id,
        row_number() over (partition by course_id order by lesson_id) as number,
        member_days,
        timed_days,
        views,
        dwell_s,
        timed_views
    from totals
)

select * from final
