/*---
description = "Each course in numbers up to the watermark; a learner is a member who saw a lesson, completed or rated it"
kind = "table"
grain = ["course_id"]
sort = []

[columns]
course_id = "the site's id of the course"
title = "title of the course; null = not in the catalogue"
learners = "distinct members who saw a lesson, completed or rated it; null = held back"
starters = "distinct members who saw a lesson; null = held back"
lesson_views = "lesson views; null = held back"
revisits = "learners with acts in the course on two local days or more; null = held back"
revisit_rate = "revisits / learners, 0 to 1; null = no learners, or held back"
completions = "distinct members who completed it; null = held back"
completion_rate = "completions / learners, 0 to 1, however lately they came (course_completion waits for them); null = no learners, or held back"
timed_learners = "distinct members of whom the time on a lesson is known at least once; null = held back"
dwell_s = "time on lessons, whole seconds: each view until the next page view in the same visit; null = held back"
mean_dwell_s = "mean time of a lesson view of which it is known, seconds; null = of none, or held back"
median_dwell_s = "median over timed_learners of a member's own mean, seconds; null = no such members, or held back"
ratings = "ratings that stand, one a member; null = held back"
mean_rating = "mean of these ratings, stars; null = none, or held back"
bayesian_rating = "mean rating drawn towards the mean of all courses with the weight of 10 ratings, stars; null = no ratings anywhere, or held back"
last_event_date = "last local day on which a learner saw a lesson, completed or rated it; null = never, or held back"

[privacy.counts]
learners = {}
starters = { of = "learners" }
revisits = { of = "learners" }
completions = { of = "learners" }
timed_learners = { of = "starters" }
ratings = { of = "learners" }

[privacy.ratios]
revisit_rate = ["revisits", "learners"]
completion_rate = ["completions", "learners"]

[privacy.rests]
lesson_views = "starters"
dwell_s = "timed_learners"
mean_dwell_s = "timed_learners"
median_dwell_s = "timed_learners"
mean_rating = "ratings"
bayesian_rating = "ratings"
last_event_date = "learners"

[checks]
not_null = ["course_id"]
---*/
with opinions as (
    select course_id, count(*) as ratings, cast(sum(cast(round(rating * 1000000) as bigint)) as bigint) as stars_micro
    from latest_ratings
    group by course_id
),

everywhere as (
    select cast(sum(stars_micro) as double) / sum(ratings) as mean_stars_micro from opinions
),

course_ids as (
    select course_id from stg_courses
    union
    select course_id from course_learning
),

final as (
    select
        course_ids.course_id,
        courses.title,
        coalesce(learning.learners, 0) as learners,
        coalesce(learning.starters, 0) as starters,
        coalesce(learning.lesson_views, 0) as lesson_views,
        coalesce(learning.revisits, 0) as revisits,
        cast(learning.revisits as double) / learning.learners as revisit_rate,
        coalesce(learning.completions, 0) as completions,
        cast(learning.completions as double) / learning.learners as completion_rate,
        coalesce(learning.timed_learners, 0) as timed_learners,
        coalesce(learning.dwell_s, 0) as dwell_s,
        learning.mean_dwell_s,
        learning.median_dwell_s,
        coalesce(opinions.ratings, 0) as ratings,
        cast(opinions.stars_micro as double) / opinions.ratings / 1000000 as mean_rating,
        (10 * everywhere.mean_stars_micro + coalesce(opinions.stars_micro, 0))
            / (10 + coalesce(opinions.ratings, 0)) / 1000000 as bayesian_rating,
        learning.last_event_date
    from course_ids
    cross join everywhere
    left join stg_courses as courses on course_ids.course_id = courses.course_id
    left join course_learning as learning on course_ids.course_id = learning.course_id
    left join opinions on course_ids.course_id = opinions.course_id
)

select * from final
