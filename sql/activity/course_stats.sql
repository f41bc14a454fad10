/*---
description = "Each course in numbers; a learner is a member who saw a lesson, completed or rated it. Numbers that rest on fewer than min_group members, or on all of them but so few, are held back"
kind = "table"
grain = ["course_id"]
sort = []

[columns]
course_id = "the site's id of the course"
title = "title of the course; null = not in the catalogue"
learners = "distinct members who saw a lesson, completed or rated it; null = held back"
lesson_views = "lesson views; null = held back"
completions = "distinct members who completed it; null = held back"
ratings = "ratings that stand, one a member; null = held back"
mean_rating = "mean of these ratings, stars; null = none, or held back"
bayesian_rating = "mean rating drawn towards the mean of all courses with the weight of 10 ratings, stars; null = no ratings anywhere, or held back"
last_event_date = "last local day on which a learner did any of it; null = never, or held back"
suppressed = "whether any number of the row is held back"

[checks]
not_null = ["course_id", "suppressed"]
---*/
-- a number is small if it counts someone but fewer than min_group, or leaves out as few
with judged as (
    select
        *,
        learners > 0 and learners < $min_group as is_small,
        (completions > 0 and completions < $min_group)
            or (learners > completions and learners - completions < $min_group) as is_small_completions,
        (ratings > 0 and ratings < $min_group)
            or (learners > ratings and learners - ratings < $min_group) as is_small_ratings,
        ratings > 0 and ratings < $min_group as is_small_mean
    from course_numbers
),

final as (
    select
        course_id,
        title,
        case when not is_small then learners end as learners,
        case when not is_small then lesson_views end as lesson_views,
        case when not (is_small or is_small_completions) then completions end as completions,
        case when not (is_small or is_small_ratings) then ratings end as ratings,
        case when not (is_small or is_small_mean) then mean_rating end as mean_rating,
        case when not (is_small or is_small_mean) then bayesian_rating end as bayesian_rating,
        case when not is_small then last_event_date end as last_event_date,
        is_small or is_small_completions or is_small_ratings or is_small_mean as suppressed
    from judged
)

select * from final
