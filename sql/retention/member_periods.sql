/*---
description = "The local days on which a member first started, first returned, or first had done both, in a week or month; days of later acts in the period have no row"
kind = "state"
grain = ["unit", "user_id", "event_date"]
sort = []
sensitive = true

[incremental]
day = "event_date"
lookback_days = 30

[columns]
unit = "week or month"
user_id = "pseudonym of the member"
event_date = "local day of the community"
period = "number of the period, as in calendar_periods"
is_start = "whether it is the first day of the period with an act that can start a cohort"
is_return = "whether it is the first day of the period with an act that counts as coming back"
is_both = "whether from this day on the period has both"

[checks]
not_null = ["unit", "user_id", "event_date", "period", "is_start", "is_return", "is_both"]
accepted = { unit = ["week", "month"] }
---*/
-- numbered as in calendar_periods, which changes every day: to read it would mean to build all days again
with numbered as (
    select
        'week' as unit,
        *,
        cast(
            (cast(date_trunc('week', event_date + cast($week_shift as int)) as date) - date '1970-01-05') / 7
            as bigint
        ) as period
    from member_days
    union all
    select
        'month' as unit,
        *,
        cast(extract(year from event_date) * 12 + extract(month from event_date) - 1 as bigint) as period
    from member_days
),

firsts as (
    select
        unit,
        user_id,
        period,
        min(event_date) filter (where starts > 0) as start_date,
        min(event_date) filter (where returns > 0) as return_date
    from numbered
    where starts > 0 or returns > 0
    group by unit, user_id, period
),

roles as (
    select * from (values ('start'), ('return')) as roles (role)
),

dated as (
    select
        firsts.*,
        case roles.role when 'start' then firsts.start_date else firsts.return_date end as event_date
    from firsts
    cross join roles
    -- one row where both are the same day
    where roles.role = 'start' or firsts.start_date is distinct from firsts.return_date
),

final as (
    select
        unit,
        user_id,
        event_date,
        period,
        coalesce(event_date = start_date, false) as is_start,
        coalesce(event_date = return_date, false) as is_return,
        coalesce(event_date >= start_date and event_date >= return_date, false) as is_both
    from dated
    where event_date is not null
)

select * from final
