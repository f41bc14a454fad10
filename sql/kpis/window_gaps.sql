/*---
description = "For each kind of act and local day, members by the distance to their day with such an act before"
kind = "scratch"
grain = ["act", "event_date", "days_since"]
sort = []

[columns]
act = "what was done: active, rating, topic, contribution (topic, reply, post, comment), start (first lesson of a course); charge, refund; payer (charged in the main currency), account (charged or refunded in it)"
event_date = "local day of the community"
days_since = "days from the member's day with such an act before; 30 = 30 or more, or none before"
members = "distinct members"

[checks]
not_null = ["act", "event_date", "days_since", "members"]
---*/
with acts as (
    select 'rating' as act, user_id, event_date from ratings
    union all
    select 'topic' as act, user_id, event_date from interactions where kind = 'topic'
    union all
    select 'contribution' as act, user_id, event_date
    from interactions
    where kind in ('topic', 'reply', 'post', 'comment')
    union all
    select 'start' as act, user_id, started_date as event_date from learner_courses where started_date is not null
    union all
    select case kind when 'refund' then 'refund' else 'charge' end as act, user_id, event_date from payments
    union all
    select 'account' as act, payments.user_id, payments.event_date
    from charge_currency
    inner join payments on charge_currency.currency = payments.currency
    union all
    select 'payer' as act, payments.user_id, payments.event_date
    from charge_currency
    inner join payments on charge_currency.currency = payments.currency
    where payments.kind in ('payment', 'purchase')
),

act_days as (
    select distinct act, user_id, event_date
    from acts
    where event_date > $watermark - 550 and event_date <= $watermark
),

preceded as (
    select
        act,
        event_date,
        event_date - lag(event_date) over (partition by act, user_id order by event_date) as days_since
    from act_days
),

gaps as (
    select act, event_date, cast(least(coalesce(days_since, 30), 30) as int) as days_since
    from preceded
    union all
    select 'active' as act, event_date, days_since_active as days_since
    from member_gaps
    where event_date > $watermark - 550 and event_date <= $watermark
),

final as (
    select act, event_date, days_since, count(*) as members
    from gaps
    group by act, event_date, days_since
)

select * from final
