/*---
description = "Distinct learners of each course in the 30 local days up to each day on which anybody learned; a learner is a member who saw a lesson, completed or rated the course"
kind = "state"
grain = ["course_id", "event_date"]
sort = []
sensitive = true

[columns]
course_id = "the site's id of the course"
event_date = "local day of the community: the last of the 30"
learners = "distinct learners"

[checks]
not_null = ["course_id", "event_date"]

[incremental]
day = "event_date"
lookback_days = 30
---*/
with acts as (
    select course_id, user_id, event_date
    from member_course_days
    where lesson_views > 0 or completions > 0 or ratings > 0
),

preceded as (
    select
        course_id,
        event_date,
        event_date - lag(event_date) over (partition by course_id, user_id order by event_date) as days_since
    from acts
),

gaps as (
    select course_id, event_date, cast(least(coalesce(days_since, 30), 30) as int) as days_since, count(*) as learners
    from preceded
    group by course_id, event_date, cast(least(coalesce(days_since, 30), 30) as int)
),

-- an act counts for the days that the act before does not cover: from this day on, or where the other's 30 days end
ends as (
    select * from (values (1), (-1)) as ends (step)
),

steps as (
    select
        gaps.course_id,
        gaps.event_date + case ends.step when 1 then 30 - gaps.days_since else 30 end as event_date,
        ends.step * gaps.learners as step
    from gaps
    cross join ends
),

-- days that the acts themselves name: the same whether all history is seen or the days around one
days as (
    select distinct event_date from acts
),

courses as (
    select distinct course_id from acts
),

places as (
    select course_id, event_date, step, false as is_day from steps
    union all
    select courses.course_id, days.event_date, 0 as step, true as is_day
    from courses
    cross join days
),

daily as (
    select course_id, event_date, sum(step) as step, bool_or(is_day) as is_day
    from places
    group by course_id, event_date
),

running as (
    select
        course_id,
        event_date,
        is_day,
        cast(sum(step) over (
            partition by course_id order by event_date rows between unbounded preceding and current row
        ) as bigint) as learners
    from daily
),

final as (
    select course_id, event_date, learners from running where is_day and learners > 0
)

select * from final
