/*---
description = "What a member's days don't add up to: visits, distinct courses, ratings that stand and the paid period, as of the watermark"
kind = "scratch"
grain = ["user_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
sessions_30 = "visits of the last 30 local days; null = none"
courses_30 = "distinct courses touched in the last 30 local days; null = none"
ratings = "ratings that stand, one a course; null = none"
stars_micro = "sum of these ratings, millionths of a star; null = none"
is_paying = "true if a paid period covers the watermark; null = none does"

[checks]
not_null = ["user_id"]
---*/
with visits as (
    select user_id, count(*) as sessions_30
    from sessions
    where user_id is not null and session_date > $watermark - 30 and session_date <= $watermark
    group by user_id
),

touched as (
    select distinct user_id, course_id
    from member_course_days
    where event_date > $watermark - 30 and event_date <= $watermark
),

courses as (
    select user_id, count(*) as courses_30
    from touched
    group by user_id
),

opinions as (
    select
        user_id,
        count(*) as ratings,
        cast(sum(cast(round(rating * 1000000) as bigint)) as bigint) as stars_micro
    from latest_ratings
    where event_date <= $watermark
    group by user_id
),

paying as (
    select user_id
    from paid_spells
    where window_days = 1 and start_date <= $watermark and end_date > $watermark
),

final as (
    select
        roster.user_id,
        visits.sessions_30,
        courses.courses_30,
        opinions.ratings,
        opinions.stars_micro,
        case when paying.user_id is not null then true end as is_paying
    from member_roster as roster
    left join visits on roster.user_id = visits.user_id
    left join courses on roster.user_id = courses.user_id
    left join opinions on roster.user_id = opinions.user_id
    left join paying on roster.user_id = paying.user_id
)

select * from final
