/*---
description = "How much of what is published finds learners"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "courses published before the last 30 days with at least min_group learners in them; a learner saw a lesson, completed or rated the course"
denominator = "courses published before the last 30 days"
people = "learners of the course that has most; 0 = no course has min_group"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Content coverage"
numerator = "Courses published before the last 30 days with at least min_group learners in them; a learner saw a lesson, completed or rated the course"
denominator = "Courses published before the last 30 days"
window_days = 30
maturity_days = 0
unit = "ratio"
direction = "up"
# counts courses, which need no protection: only those with enough learners are told from the rest
is_share = false
---*/
with reached as (
    select
        reach.event_date,
        count(*) as courses,
        max(reach.learners) as learners
    from stg_courses as courses
    inner join course_reach as reach on courses.course_id = reach.course_id
    where courses.local_date <= reach.event_date - 30 and reach.learners >= $min_group
    group by reach.event_date
),

published as (
    select days.event_date, count(*) as courses
    from kpi_days as days
    cross join stg_courses as courses
    where courses.local_date <= days.event_date - 30
    group by days.event_date
),

-- days on which anybody learned: on others course_reach does not say
days as (
    select distinct event_date from course_reach
),

final as (
    select
        published.event_date,
        coalesce(reached.courses, 0) as numerator,
        published.courses as denominator,
        coalesce(reached.learners, 0) as people
    from days
    inner join published on days.event_date = published.event_date
    left join reached on published.event_date = reached.event_date
)

select * from final
