/*---
description = "How long members stayed, in days: until they left, or as far as is known by the watermark; spans that would end before they start are left out"
kind = "scratch"
grain = ["measure", "user_id"]
sort = []

[columns]
measure = "activity, membership or ended, as in survival"
user_id = "pseudonym of the member"
start_date = "local day that days are counted from"
days = "days from it to leaving, or to the watermark"
is_event = "whether the member left; false = still there at the watermark (censored)"

[checks]
not_null = ["measure", "user_id", "start_date", "days", "is_event"]
accepted = { measure = ["activity", "membership", "ended"] }
---*/
with activity as (
    select
        'activity' as measure,
        user_id,
        first_date as start_date,
        case when $watermark - last_date >= $gone_after_days then last_date end as end_date
    from member_firsts
),

first_spells as (
    select user_id, start_date, end_date
    from paid_spells
    where window_days = 1
    qualify row_number() over (partition by user_id order by start_date) = 1
),

membership as (
    select
        'membership' as measure,
        user_id,
        start_date,
        case when end_date <= $watermark then end_date end as end_date
    from first_spells
),

ends as (
    select user_id, min(event_date) as end_date
    from interactions
    where event_date <= $watermark and ($end_any or kind in ($end_kinds))
    group by user_id
),

-- no kind configured: nobody could leave
ended as (
    select 'ended' as measure, roster.user_id, roster.joined_date as start_date, ends.end_date
    from member_roster as roster
    left join ends on roster.user_id = ends.user_id
    where $end_any or not '' in ($end_kinds)
),

spans as (
    select * from activity
    union all
    select * from membership
    union all
    select * from ended
),

final as (
    select
        measure,
        user_id,
        start_date,
        cast(coalesce(end_date, $watermark) - start_date as bigint) as days,
        end_date is not null as is_event
    from spans
    where start_date <= coalesce(end_date, $watermark)
)

select * from final
