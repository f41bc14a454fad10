/*---
description = "The day, week and month of the watermark, and of the day after it: all periods before the latter have ended"
kind = "scratch"
grain = ["unit"]
sort = []

[columns]
unit = "day, week or month"
current_period = "number of the period that the watermark lies in, as in calendar_periods"
next_period = "number of the period that the day after the watermark lies in"

[checks]
not_null = ["unit"]
---*/
with final as (
    select
        unit,
        max(period) filter (where event_date = $watermark) as current_period,
        max(period) filter (where event_date = $watermark + 1) as next_period
    from calendar_periods
    group by unit
)

select * from final
