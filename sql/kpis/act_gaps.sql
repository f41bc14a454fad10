/*---
description = "For each kind of act and local day, members by the distance to their day with such an act before"
kind = "state"
grain = ["event_date", "act", "currency", "days_since"]
sort = []
sensitive = true

[incremental]
day = "event_date"
lookback_days = 30

[columns]
event_date = "local day of the community"
act = "what was done: active, rating, topic, contribution (topic, reply, post, comment); charge, refund; of one currency: payer (charged in it), account (charged or refunded in it)"
currency = "currency code of payer and account; null = any other act"
days_since = "days from the member's day with such an act before; 30 = 30 or more, or none before"
members = "distinct members"

[checks]
not_null = ["event_date", "act", "days_since", "members"]
expressions = { in_window = "days_since between 1 and 30" }
---*/
with acts as (
    select 'rating' as act, cast(null as varchar) as currency, user_id, event_date from ratings
    union all
    select 'topic' as act, cast(null as varchar) as currency, user_id, event_date from interactions where kind = 'topic'
    union all
    select 'contribution' as act, cast(null as varchar) as currency, user_id, event_date
    from interactions
    where kind in ('topic', 'reply', 'post', 'comment')
    union all
    select
        case kind when 'refund' then 'refund' else 'charge' end as act,
        cast(null as varchar) as currency,
        user_id,
        event_date
    from payments
    union all
    select 'account' as act, currency, user_id, event_date from payments
    union all
    select 'payer' as act, currency, user_id, event_date from payments where kind in ('payment', 'purchase')
),

act_days as (
    select distinct act, currency, user_id, event_date from acts
),

preceded as (
    select
        act,
        currency,
        event_date,
        event_date - lag(event_date) over (partition by act, currency, user_id order by event_date) as days_since
    from act_days
),

gaps as (
    select event_date, act, currency, cast(least(coalesce(days_since, 30), 30) as int) as days_since
    from preceded
    union all
    select event_date, 'active' as act, cast(null as varchar) as currency, days_since_active as days_since
    from member_gaps
),

final as (
    select event_date, act, currency, days_since, count(*) as members
    from gaps
    group by event_date, act, currency, days_since
)

select * from final
