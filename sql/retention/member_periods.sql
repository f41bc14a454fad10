/*---
description = "The days, weeks and months in which a member was active, up to the watermark, with the member's first and last"
kind = "scratch"
grain = ["unit", "user_id", "period"]
sort = []

[columns]
unit = "day, week or month"
user_id = "pseudonym of the member"
period = "number of the period, as in calendar_periods"
first_period = "the member's first period"
last_period = "the member's last period"

[checks]
not_null = ["unit", "user_id", "period", "first_period", "last_period"]
---*/
with active as (
    select distinct periods.unit, days.user_id, periods.period
    from member_days as days
    inner join calendar_periods as periods on days.event_date = periods.event_date
    where days.event_date <= $watermark
),

final as (
    select
        unit,
        user_id,
        period,
        min(period) over (partition by unit, user_id) as first_period,
        max(period) over (partition by unit, user_id) as last_period
    from active
)

select * from final
