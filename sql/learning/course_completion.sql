/*---
description = "How many of those who started a course completed it within so many days; a start is the first local day with a view of one of its lessons"
kind = "table"
grain = ["course_id", "within_days"]
sort = []

[columns]
course_id = "the site's id of the course"
within_days = "local days after the start, which is day 0, by which the course was completed: 7, 14, 30, 60 or 90"
starters = "members who started early enough for all these days to have passed by the watermark; null = held back"
completed = "those of them who completed the course by then; null = held back"
rate = "completed / starters, 0 to 1; null = no starters, or held back"

[privacy]
counts = { starters = {}, completed = { of = "starters" } }
ratios = { rate = ["completed", "starters"] }

[checks]
not_null = ["course_id", "within_days"]
expressions = { known_window = "within_days in (7, 14, 30, 60, 90)" }
relationships = { course_id = "course_stats.course_id" }
---*/
-- members who started and completed on the same days, so that the windows multiply few rows
with starts as (
    select course_id, started_date, completed_date, count(*) as members
    from learner_courses
    where started_date is not null
    group by course_id, started_date, completed_date
),

windows as (
    select * from (values (7), (14), (30), (60), (90)) as windows (within_days)
),

due as (
    select
        starts.course_id,
        cast(windows.within_days as bigint) as within_days,
        case when starts.started_date + cast(windows.within_days as int) <= $watermark then starts.members else 0 end as starters,
        starts.completed_date <= starts.started_date + cast(windows.within_days as int) as in_time
    from starts
    cross join windows
),

counted as (
    select
        course_id,
        within_days,
        cast(sum(starters) as bigint) as starters,
        cast(coalesce(sum(starters) filter (where in_time), 0) as bigint) as completed
    from due
    group by course_id, within_days
),

final as (
    select
        course_id,
        within_days,
        starters,
        completed,
        cast(completed as double) / nullif(starters, 0) as rate
    from counted
)

select * from final
