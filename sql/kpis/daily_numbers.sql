/*---
description = "All that KPIs are made of, one row a local day: a number is null on every day if the site has no such data"
kind = "scratch"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community"
first_date = "first local day with a visit or an act"
active_1 = "members active on the day"
active_7 = "members active in the last 7 days"
active_30 = "members active in the last 30 days"
rater_30 = "members who rated in the last 30 days"
payer_30 = "members who paid in the last 30 days"
plan_1 = "members on a plan on the day"
plan_30 = "members on a plan on any of the last 30 days"
plan_lesson_30 = "those of plan_30 with a lesson view in the last 30 days"
page_views = "page views of the day"
page_view_people = "visitors behind them"
sessions = "visits begun on the day"
session_people = "visitors behind them"
new_members = "members who joined on the day"
ratings = "ratings of the day"
top2_ratings = "those of them in the two highest boxes"
revenue = "payments less refunds of the day, hundredths of the currency"

[checks]
not_null = ["event_date", "first_date"]
---*/
with members as (
    select
        event_date,
        max(members) filter (where measure = 'active_1') as active_1,
        max(members) filter (where measure = 'active_7') as active_7,
        max(members) filter (where measure = 'active_30') as active_30,
        max(members) filter (where measure = 'rater_30') as rater_30,
        max(members) filter (where measure = 'payer_30') as payer_30,
        max(members) filter (where measure = 'plan_1') as plan_1,
        max(members) filter (where measure = 'plan_30') as plan_30,
        max(members) filter (where measure = 'plan_lesson_30') as plan_lesson_30
    from daily_members
    group by event_date
),

sums as (
    select
        event_date,
        max(amount) filter (where measure = 'page_views') as page_views,
        max(people) filter (where measure = 'page_views') as page_view_people,
        max(amount) filter (where measure = 'sessions') as sessions,
        max(people) filter (where measure = 'sessions') as session_people,
        max(amount) filter (where measure = 'new_members') as new_members,
        max(amount) filter (where measure = 'ratings') as ratings,
        max(amount) filter (where measure = 'top2_ratings') as top2_ratings,
        max(amount) filter (where measure = 'revenue') as revenue
    from daily_sums
    group by event_date
),

-- a day without rows is a zero, unless no day has any: 0 * x is null only where x is
final as (
    select
        days.event_date,
        days.first_date,
        members.active_1,
        members.active_7,
        members.active_30,
        members.rater_30,
        members.payer_30,
        members.plan_1,
        members.plan_30,
        coalesce(members.plan_lesson_30, 0 * members.plan_30) as plan_lesson_30,
        coalesce(sums.page_views, min(0 * sums.page_views) over ()) as page_views,
        coalesce(sums.page_view_people, 0) as page_view_people,
        coalesce(sums.sessions, min(0 * sums.sessions) over ()) as sessions,
        coalesce(sums.session_people, 0) as session_people,
        coalesce(sums.new_members, 0) as new_members,
        coalesce(sums.ratings, min(0 * sums.ratings) over ()) as ratings,
        coalesce(sums.top2_ratings, min(0 * sums.top2_ratings) over ()) as top2_ratings,
        coalesce(sums.revenue, min(0 * sums.revenue) over ()) as revenue
    from calendar_days as days
    left join members on days.event_date = members.event_date
    left join sums on days.event_date = sums.event_date
)

select * from final
