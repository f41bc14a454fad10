/*---
description = "For each way of being counted, the stretches of local days on which a member counts: from the day of an act to the day the window has passed it or the next act takes over, so that stretches of one member never overlap"
kind = "scratch"
grain = ["measure", "user_id", "start_date"]
sort = []

[columns]
measure = "what was done, and the window in days"
user_id = "pseudonym of the member"
start_date = "first local day on which the member counts"
end_date = "first local day on which the member no longer counts by this act"

[checks]
not_null = ["measure", "user_id", "start_date", "end_date"]
---*/
with measures as (
    select measure, act, cast(window_days as int) as window_days
    from (values
        ('active_1', 'active', 1),
        ('active_7', 'active', 7),
        ('active_30', 'active', 30),
        ('lesson_30', 'lesson', 30),
        ('rater_30', 'rating', 30),
        ('payer_30', 'payment', 30)
    ) as measures (measure, act, window_days)
),

act_days as (
    select 'active' as act, user_id, event_date from member_days
    union all
    select 'lesson' as act, user_id, event_date from member_days where lesson_views > 0
    union all
    select 'rating' as act, user_id, event_date from member_days where ratings > 0
    union all
    select distinct 'payment' as act, user_id, event_date from events where source = 'payments'
),

followed as (
    select
        act,
        user_id,
        event_date,
        lead(event_date) over (partition by act, user_id order by event_date) as next_date
    from act_days
    where event_date <= $watermark
),

final as (
    select
        measures.measure,
        followed.user_id,
        followed.event_date as start_date,
        least(followed.next_date, followed.event_date + measures.window_days) as end_date
    from followed
    inner join measures on followed.act = measures.act
)

select * from final
