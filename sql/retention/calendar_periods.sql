/*---
description = "The day, week and month that each local day lies in, numbered without gaps"
kind = "scratch"
grain = ["unit", "event_date"]
sort = []

[columns]
unit = "day, week or month"
event_date = "local day of the community"
period = "number of the period: days or weeks since 1970, or 12 * year + month - 1"
period_start = "first local day of the period"

[checks]
not_null = ["unit", "event_date", "period", "period_start"]
accepted = { unit = ["day", "week", "month"] }
---*/
with starts as (
    select 'day' as unit, event_date, event_date as period_start
    from calendar_days
    union all
    select
        'week' as unit,
        event_date,
        cast(date_trunc('week', event_date + cast($week_shift as int)) as date) - cast($week_shift as int) as period_start
    from calendar_days
    union all
    select 'month' as unit, event_date, cast(date_trunc('month', event_date) as date) as period_start
    from calendar_days
),

final as (
    select
        unit,
        event_date,
        cast(
            case unit
                when 'day' then period_start - date '1970-01-01'
                -- whole weeks since the first monday, or sunday, of 1970
                when 'week' then (period_start + cast($week_shift as int) - date '1970-01-05') / 7
                else extract(year from period_start) * 12 + extract(month from period_start) - 1
            end
            as bigint
        ) as period,
        period_start
    from starts
)

select * from final
