/*---
description = "Each course in exact numbers, not published; a learner is a member who saw a lesson, completed or rated it"
kind = "scratch"
grain = ["course_id"]
sort = []

[columns]
course_id = "the site's id of the course"
title = "title of the course; null = not in the catalogue"
learners = "distinct members who saw a lesson, completed or rated it"
lesson_views = "lesson views"
completions = "distinct members who completed it"
ratings = "ratings that stand, one a member"
mean_rating = "mean of these ratings, stars; null = none"
bayesian_rating = "mean rating drawn towards the mean of all courses with the weight of 10 ratings, stars; null = no ratings anywhere"
last_event_date = "last local day on which a learner did any of it; null = never"

[checks]
not_null = ["course_id", "learners", "lesson_views", "completions", "ratings"]
---*/
with course_learners as (
    select
        course_id,
        user_id,
        count(*) filter (where kind = 'lesson_view') as lesson_views,
        max(case when kind = 'complete' then 1 else 0 end) as completed,
        max(event_date) as last_event_date
    from events
    where course_id is not null and kind in ('lesson_view', 'complete', 'rating')
    group by course_id, user_id
),

learning as (
    select
        course_id,
        count(*) as learners,
        cast(sum(lesson_views) as bigint) as lesson_views,
        cast(sum(completed) as bigint) as completions,
        max(last_event_date) as last_event_date
    from course_learners
    group by course_id
),

opinions as (
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
    select course_id from learning
),

final as (
    select
        course_ids.course_id,
        courses.title,
        coalesce(learning.learners, 0) as learners,
        coalesce(learning.lesson_views, 0) as lesson_views,
        coalesce(learning.completions, 0) as completions,
        coalesce(opinions.ratings, 0) as ratings,
        cast(opinions.stars_micro as double) / opinions.ratings / 1000000 as mean_rating,
        (10 * everywhere.mean_stars_micro + coalesce(opinions.stars_micro, 0))
            / (10 + coalesce(opinions.ratings, 0)) / 1000000 as bayesian_rating,
        learning.last_event_date
    from course_ids
    cross join everywhere
    left join stg_courses as courses on course_ids.course_id = courses.course_id
    left join learning on course_ids.course_id = learning.course_id
    left join opinions on course_ids.course_id = opinions.course_id
)

select * from final
