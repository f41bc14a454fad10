/*---
description = "Each member who joined by the watermark, in one row: what segments are made of; staff are left out"
kind = "table"
grain = ["user_id"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member"
joined_date = "local day of joining"
plan = "plan of the membership, as the members' table has it; null = not said"
language = "language code, lowercase; null = not said"
country = "country code, uppercase; null = not said"
is_paying = "whether a paid period covers the watermark"
rfm_segment = "segment of member_rfm; null = never paid"
first_date = "first local day of activity; null = never active"
last_date = "last local day of activity; null = never active"
tenure_days = "days from joining to the watermark"
recency_days = "days from last_date to the watermark; null = never active"
active_days_7 = "active days of the last 7"
active_days_30 = "active days of the last 30"
active_days_90 = "active days of the last 90"
trend = "active days of the last 30 minus those of the 30 before"
current_streak_days = "active days in a row up to the watermark; 0 = not active on it"
longest_streak_days = "most active days in a row; 0 = never active"
week_state = "new, returning, resurrecting, dormant or inactive in the last week that has ended (see lifecycle); null = joined later, or no week has ended yet"
events_30 = "acts of the last 30 days"
sessions_30 = "visits of the last 30 days"
page_views_30 = "page views of the last 30 days"
lesson_views_30 = "lesson views of the last 30 days"
interactions_30 = "interactions of the last 30 days"
courses_30 = "distinct courses touched in the last 30 days"
courses_started = "distinct courses ever touched"
courses_completed = "distinct courses ever completed"
ratings = "ratings that stand, one a course"
mean_rating = "mean of these ratings, stars; null = none"

[checks]
not_null = ["user_id", "joined_date", "is_paying", "tenure_days", "current_streak_days", "courses_started", "courses_completed"]
accepted = { week_state = ["new", "returning", "resurrecting", "dormant", "inactive"] }
relationships = { user_id = "engagement_features.user_id" }

[checks.expressions]
first_is_first = "first_date is null or first_date <= last_date"
activity_is_whole = "(first_date is null) = (last_date is null)"
completed_were_started = "courses_completed <= courses_started"
---*/
with courses as (
    select user_id, count(*) as started, count(completed_date) as completed
    from member_courses
    where first_date is not null
    group by user_id
),

final as (
    select
        features.user_id,
        roster.joined_date,
        members.plan,
        members.language,
        members.country,
        features.is_paying,
        rfm.segment as rfm_segment,
        firsts.first_date,
        firsts.last_date,
        features.tenure_days,
        features.recency_days,
        features.active_days_7,
        features.active_days_30,
        features.active_days_90,
        features.trend,
        coalesce(streaks.current_streak_days, 0) as current_streak_days,
        coalesce(streaks.longest_streak_days, 0) as longest_streak_days,
        states.week_state,
        features.events_30,
        features.sessions_30,
        features.page_views_30,
        features.lesson_views_30,
        features.interactions_30,
        features.courses_30,
        coalesce(courses.started, 0) as courses_started,
        coalesce(courses.completed, 0) as courses_completed,
        features.ratings,
        features.mean_rating
    from engagement_features as features
    inner join member_roster as roster on features.user_id = roster.user_id
    left join stg_members as members on features.user_id = members.user_id
    left join member_firsts as firsts on features.user_id = firsts.user_id
    left join member_streaks as streaks on features.user_id = streaks.user_id
    left join member_states as states on features.user_id = states.user_id
    left join member_rfm as rfm on features.user_id = rfm.user_id
    left join courses on features.user_id = courses.user_id
)

select * from final
