/*---
description = "Every calendar month from the community's first day to the watermark, and the day that stands for its end"
kind = "scratch"
grain = ["month_start"]
sort = []

[columns]
month_start = "first day of the month"
month = "12 * year + month - 1: months without gaps"
measured_date = "last day of the month; of the month that has not ended by the watermark, the watermark"
is_complete = "whether the month has ended by the watermark"

[checks]
not_null = ["month_start", "month", "measured_date", "is_complete"]
---*/
with days as (
    select event_date, cast(date_trunc('month', event_date) as date) as month_start
    from calendar_days
    where event_date <= $watermark
),

months as (
    select month_start, max(event_date) as measured_date
    from days
    group by month_start
),

final as (
    select
        month_start,
        cast(extract(year from month_start) * 12 + extract(month from month_start) - 1 as bigint) as month,
        measured_date,
        measured_date + 1 = cast(month_start + interval '1 month' as date) as is_complete
    from months
)

select * from final
