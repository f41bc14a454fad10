/*---
description = "What adds up by local day: acts, visits, ratings and money, and the members or visitors behind them"
kind = "scratch"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "what is added up"
event_date = "local day of the community"
amount = "how much: a count, or hundredths of the currency for revenue"
people = "distinct members or visitors behind the amount of the day"

[checks]
not_null = ["measure", "event_date", "amount", "people"]
---*/
with visitor_days as (
    select local_date as event_date, actor_id, count(*) as page_views
    from stg_access_log
    where noise is null
    group by local_date, actor_id
),

visitor_visits as (
    select session_date as event_date, actor_id, count(*) as sessions
    from sessions
    group by session_date, actor_id
),

currencies as (
    select count(distinct currency) as number from stg_payments
),

charges as (
    select
        payments.local_date as event_date,
        payments.user_id,
        case when payments.kind = 'refund' then -abs(payments.amount_cents) else payments.amount_cents end as net_cents
    from stg_payments as payments
    inner join member_roster as roster on payments.user_id = roster.user_id
    cross join currencies
    -- amounts of several currencies don't add up
    where currencies.number = 1
),

ratings as (
    select event_date, user_id, rating from events where source = 'ratings'
),

final as (
    select 'page_views' as measure, event_date, cast(sum(page_views) as bigint) as amount, count(*) as people
    from visitor_days
    group by event_date
    union all
    select 'sessions' as measure, event_date, cast(sum(sessions) as bigint) as amount, count(*) as people
    from visitor_visits
    group by event_date
    union all
    select 'new_members' as measure, joined_date as event_date, count(*) as amount, count(*) as people
    from member_roster
    group by joined_date
    union all
    select 'ratings' as measure, event_date, count(*) as amount, count(distinct user_id) as people
    from ratings
    group by event_date
    union all
    select
        'top2_ratings' as measure,
        event_date,
        count(*) filter (where rating >= $rating_max - 1) as amount,
        count(distinct user_id) as people
    from ratings
    group by event_date
    union all
    select 'revenue' as measure, event_date, cast(sum(net_cents) as bigint) as amount, count(distinct user_id) as people
    from charges
    group by event_date
)

select * from final
