/*---
description = "Every local day from the first with a visit or an act to the watermark, and the day after it"
kind = "scratch"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community"
first_date = "the first of these days"

[checks]
not_null = ["event_date", "first_date"]
---*/
with first_days as (
    select min(event_date) as day from member_days
    union all
    select min(event_date) as day from payments
    union all
    select min(event_date) as day from visit_days
),

span as (
    select min(day) as first_date from first_days
),

offsets as (
    select first_date, unnest(range(0, $watermark - first_date + 2)) as days
    from span
),

final as (
    select first_date + cast(days as int) as event_date, first_date
    from offsets
)

select * from final
