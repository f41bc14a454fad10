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
-- all but starts add up by day
with start_days as (
    select distinct user_id, started_date as event_date
    from learner_courses
    where started_date > $watermark - 550
),

starts as (
    select
        event_date,
        event_date - lag(event_date) over (partition by user_id order by event_date) as days_since
    from start_days
),

final as (
    select 'start' as act, event_date, cast(least(coalesce(days_since, 30), 30) as int) as days_since, count(*) as members
    from starts
    group by event_date, cast(least(coalesce(days_since, 30), 30) as int)
    union all
    select act, event_date, days_since, members
    from act_gaps
    where act not in ('payer', 'account') and event_date > $watermark - 550 and event_date <= $watermark
    union all
    select gaps.act, gaps.event_date, gaps.days_since, gaps.members
    from charge_currency
    inner join act_gaps as gaps on charge_currency.currency = gaps.currency
    where gaps.event_date > $watermark - 550 and gaps.event_date <= $watermark
)

select * from final
