/*---
description = "What began on each local day (memberships, course starts, topics), and how many of them reached their aim in time"
kind = "scratch"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "joined, converted (of joined, by a payment for a plan by the 30th day after), starts (first lessons of members in courses), completed (of starts, the course by the 30th day after), topics, answered (of topics, by another member within 24 hours)"
event_date = "local day on which it began"
amount = "how many"

[checks]
not_null = ["measure", "event_date", "amount"]
---*/
with first_payments as (
    select user_id, min(event_date) as event_date
    from payments
    where kind = 'payment' and event_date <= $watermark
    group by user_id
),

joiners as (
    select
        roster.joined_date as event_date,
        count(*) as joined,
        count(*) filter (where paid.event_date - roster.joined_date <= 30) as converted
    from first_payments as paid
    right join member_roster as roster on paid.user_id = roster.user_id
    group by roster.joined_date
),

starts as (
    select
        started_date as event_date,
        count(*) as starts,
        count(*) filter (where completed_date <= started_date + 30) as completed
    from learner_courses
    where started_date is not null
    group by started_date
),

final as (
    select 'joined' as measure, event_date, joined as amount from joiners
    union all
    select 'converted' as measure, event_date, converted as amount from joiners
    union all
    select 'starts' as measure, event_date, starts as amount from starts
    union all
    select 'completed' as measure, event_date, completed as amount from starts
    union all
    select 'topics' as measure, event_date, count(*) as amount from topic_responses group by event_date
    union all
    select 'answered' as measure, event_date, count(*) filter (where response_us <= 86400000000) as amount
    from topic_responses
    group by event_date
)

select * from final
