/*---
description = "How many members were active in each local day, week and month up to the watermark, by whether they were in the period before and whether they joined in this one; periods without anyone have no row"
kind = "scratch"
grain = ["unit", "period_start"]
sort = []

[columns]
unit = "day, week or month"
period_start = "first local day of the period"
active_members = "members active in the period"
returning_members = "active in the period before too"
new_members = "not active in the period before, and joined in this one"
resurrecting_members = "not active in the period before, and not joined in this one"

[checks]
not_null = ["unit", "period_start", "active_members", "returning_members", "new_members", "resurrecting_members"]
---*/
with bounds as (
    select
        unit,
        event_date,
        period_start,
        case unit
            when 'day' then period_start - 1
            when 'week' then period_start - 7
            else cast(period_start - interval '1 month' as date)
        end as previous_start,
        case unit
            when 'day' then period_start + 1
            when 'week' then period_start + 7
            else cast(period_start + interval '1 month' as date)
        end as next_start
    from calendar_periods
    where event_date <= $watermark
),

-- who joined more than 30 days before or after did so in another period
active_days as (
    select
        gaps.event_date,
        gaps.previous_date,
        case when abs(gaps.event_date - roster.joined_date) <= 30 then roster.joined_date end as joined_date
    from member_roster as roster
    inner join activity_gaps as gaps on roster.user_id = gaps.user_id
    where gaps.event_date <= $watermark
),

-- before the join to three units: a few numbers a day instead of every member's days
day_counts as (
    select event_date, previous_date, joined_date, count(*) as members
    from active_days
    group by event_date, previous_date, joined_date
),

-- a member counts once a period, on the first active day of it
judged as (
    select
        bounds.unit,
        bounds.period_start,
        days.members,
        coalesce(days.previous_date >= bounds.previous_start, false) as is_returning,
        coalesce(days.joined_date >= bounds.period_start and days.joined_date < bounds.next_start, false) as is_joining
    from bounds
    inner join day_counts as days on bounds.event_date = days.event_date
    where days.previous_date is null or days.previous_date < bounds.period_start
),

final as (
    select
        unit,
        period_start,
        cast(sum(members) as bigint) as active_members,
        cast(sum(case when is_returning then members else 0 end) as bigint) as returning_members,
        cast(sum(case when not is_returning and is_joining then members else 0 end) as bigint) as new_members,
        cast(sum(case when not is_returning and not is_joining then members else 0 end) as bigint) as resurrecting_members
    from judged
    group by unit, period_start
)

select * from final
