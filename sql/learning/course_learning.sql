/*---
description = "What learners did in each course up to the watermark, in exact numbers"
kind = "scratch"
grain = ["course_id"]
sort = []

[columns]
course_id = "the site's id of the course"
learners = "distinct members who saw a lesson, completed or rated it"
starters = "distinct members who saw a lesson"
lesson_views = "lesson views"
revisits = "learners with acts in the course on two local days or more"
completions = "distinct members who completed it"
timed_learners = "distinct members of whom the time on a lesson is known at least once"
dwell_s = "time on lessons, whole seconds"
mean_dwell_s = "dwell_s over the lesson views of which the time is known, seconds; null = of none"
median_dwell_s = "median over timed_learners of a member's own mean, seconds; null = no such members"
last_event_date = "last local day on which a learner saw a lesson, completed or rated it"

[checks]
not_null = ["course_id", "learners", "starters", "lesson_views", "revisits", "completions", "timed_learners", "dwell_s", "last_event_date"]
---*/
with final as (
    select
        course_id,
        count(*) as learners,
        count(started_date) as starters,
        cast(sum(lesson_views) as bigint) as lesson_views,
        count(*) filter (where active_days >= 2) as revisits,
        count(completed_date) as completions,
        count(*) filter (where timed_views > 0) as timed_learners,
        cast(sum(dwell_s) as bigint) as dwell_s,
        cast(sum(dwell_s) as double) / nullif(cast(sum(timed_views) as bigint), 0) as mean_dwell_s,
        median(cast(dwell_s as double) / nullif(timed_views, 0)) as median_dwell_s,
        max(learned_date) as last_event_date
    from learner_courses
    group by course_id
)

select * from final
