/*---
description = "What a member did with a course on a local day"
kind = "table"
grain = ["user_id", "course_id", "event_date"]
sort = []
sensitive = true

[incremental]
day = "event_date"

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
event_date = "local day of the community"
acts = "acts, ratings included"
course_views = "views of the course's page"
lesson_views = "views of its lessons"
interactions = "interactions: posts, replies, likes, completions, ..."
ratings = "ratings given"
completions = "completions"
weight_micro = "weights of the acts (see act_weights), and of the time on lessons by dwell_hour, millionths; ratings weigh nothing"
first_at = "instant of the first act, UTC"

[checks]
not_null = ["user_id", "course_id", "event_date", "acts", "weight_micro", "first_at"]
---*/
with acts as (
    select
        acts.user_id,
        acts.course_id,
        acts.event_date,
        count(*) as acts,
        count(*) filter (where acts.kind = 'course_view') as course_views,
        count(*) filter (where acts.kind = 'lesson_view') as lesson_views,
        count(*) filter (where acts.source = 'interactions') as interactions,
        count(*) filter (where acts.source = 'ratings') as ratings,
        count(*) filter (where acts.kind = 'complete') as completions,
        cast(sum(coalesce(weights.weight_micro, 250000)) as bigint) as weight_micro,
        min(acts.ts) as first_at
    from act_weights as weights
    right join events as acts on weights.kind = acts.kind
    where acts.course_id is not null
    group by acts.user_id, acts.course_id, acts.event_date
),

dwell as (
    select user_id, course_id, event_date, sum(dwell_s) as dwell_s
    from lesson_days
    where dwell_s > 0
    group by user_id, course_id, event_date
),

final as (
    select
        acts.user_id,
        acts.course_id,
        acts.event_date,
        acts.acts,
        acts.course_views,
        acts.lesson_views,
        acts.interactions,
        acts.ratings,
        acts.completions,
        acts.weight_micro + cast(round(coalesce(dwell.dwell_s, 0) * ($dwell_hour * 1000000 / 3600)) as bigint) as weight_micro,
        acts.first_at
    from acts
    left join dwell
        on acts.user_id = dwell.user_id
        and acts.course_id = dwell.course_id
        and acts.event_date = dwell.event_date
)

select * from final
