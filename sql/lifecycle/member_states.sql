/*---
description = "What became of each member in the last week that has ended by the watermark, as lifecycle counts it"
kind = "scratch"
grain = ["user_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
week_state = "returning = active in the week and in the one before; new = active in the week only, and joined in it; resurrecting = active in the week only, and joined in another; dormant = active in the week before only; inactive = in neither; null = joined later, or no week has ended yet"

[checks]
not_null = ["user_id"]
accepted = { week_state = ["new", "returning", "resurrecting", "dormant", "inactive"] }
---*/
with weeks as (
    select max(period_start) as week_start
    from calendar_periods
    where unit = 'week' and period_start + 6 <= $watermark
),

-- both weeks lie in the 20 days up to the watermark, so that older days need not be read
active_days as (
    select user_id, event_date
    from member_days
    where event_date > $watermark - 20 and event_date <= $watermark
),

active_weeks as (
    select
        days.user_id,
        max(case when days.event_date >= weeks.week_start then 1 else 0 end) = 1 as is_active,
        max(case when days.event_date < weeks.week_start then 1 else 0 end) = 1 as was_active
    from weeks
    cross join active_days as days
    where days.event_date >= weeks.week_start - 7 and days.event_date < weeks.week_start + 7
    group by days.user_id
),

members as (
    select roster.user_id, roster.joined_date, weeks.week_start
    from weeks
    cross join member_roster as roster
    where roster.joined_date <= $watermark
),

final as (
    select
        members.user_id,
        case
            when active.is_active and active.was_active then 'returning'
            when active.is_active and members.joined_date between members.week_start and members.week_start + 6 then 'new'
            when active.is_active then 'resurrecting'
            when active.was_active then 'dormant'
            when members.joined_date <= members.week_start + 6 then 'inactive'
        end as week_state
    from members
    left join active_weeks as active on members.user_id = active.user_id
)

select * from final
