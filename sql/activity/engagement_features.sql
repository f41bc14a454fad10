/*---
description = "What each member who joined by the watermark did in the 7, 30 or 90 local days up to it; staff are left out"
kind = "table"
grain = ["user_id"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member"
tenure_days = "days from joining to the watermark"
recency_days = "days from the last active day to the watermark; null = never active"
active_days_7 = "active days of the last 7"
active_days_30 = "active days of the last 30"
active_days_90 = "active days of the last 90"
active_days_prev_30 = "active days of the 30 before the last 30"
trend = "active_days_30 minus active_days_prev_30"
events_30 = "acts of the last 30 days"
sessions_30 = "visits of the last 30 days"
page_views_30 = "page views of the last 30 days"
lesson_views_30 = "lesson views of the last 30 days"
courses_30 = "distinct courses touched in the last 30 days"
interactions_30 = "interactions of the last 30 days"
ratings = "ratings that stand, one a course"
mean_rating = "mean of these ratings, stars; null = none"
is_paying = "whether a paid period covers the watermark"

[checks]
not_null = ["user_id", "tenure_days", "active_days_7", "active_days_30", "active_days_90", "is_paying"]
---*/
-- only the days that the windows hold are read; the last day of all is in member_firsts
with activity as (
    select
        user_id,
        count(*) filter (where event_date > $watermark - 7) as active_days_7,
        count(*) filter (where event_date > $watermark - 30) as active_days_30,
        count(*) as active_days_90,
        count(*) filter (where event_date > $watermark - 60 and event_date <= $watermark - 30) as active_days_prev_30,
        cast(sum(events) filter (where event_date > $watermark - 30) as bigint) as events_30,
        cast(sum(page_views) filter (where event_date > $watermark - 30) as bigint) as page_views_30,
        cast(sum(lesson_views) filter (where event_date > $watermark - 30) as bigint) as lesson_views_30,
        cast(sum(interactions) filter (where event_date > $watermark - 30) as bigint) as interactions_30
    from member_days
    where event_date > $watermark - 90 and event_date <= $watermark
    group by user_id
),

final as (
    select
        roster.user_id,
        $watermark - roster.joined_date as tenure_days,
        $watermark - firsts.last_date as recency_days,
        coalesce(activity.active_days_7, 0) as active_days_7,
        coalesce(activity.active_days_30, 0) as active_days_30,
        coalesce(activity.active_days_90, 0) as active_days_90,
        coalesce(activity.active_days_prev_30, 0) as active_days_prev_30,
        coalesce(activity.active_days_30 - activity.active_days_prev_30, 0) as trend,
        coalesce(activity.events_30, 0) as events_30,
        coalesce(breadth.sessions_30, 0) as sessions_30,
        coalesce(activity.page_views_30, 0) as page_views_30,
        coalesce(activity.lesson_views_30, 0) as lesson_views_30,
        coalesce(breadth.courses_30, 0) as courses_30,
        coalesce(activity.interactions_30, 0) as interactions_30,
        coalesce(breadth.ratings, 0) as ratings,
        cast(breadth.stars_micro as double) / nullif(breadth.ratings, 0) / 1000000 as mean_rating,
        coalesce(breadth.is_paying, false) as is_paying
    from member_roster as roster
    left join member_firsts as firsts on roster.user_id = firsts.user_id
    left join activity on roster.user_id = activity.user_id
    left join member_breadth as breadth on roster.user_id = breadth.user_id
    where roster.joined_date <= $watermark
)

select * from final
