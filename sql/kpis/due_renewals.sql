/*---
description = "Members whose paid period ran out in the 30 local days up to each day, and those of them who were paid for again, as in renewals: a member counts once, by the last end in these days"
kind = "scratch"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the 30"
due = "members whose period ended: its first day no longer paid for is one of these days"
renewed = "those of them with a period that begins at most 7 days after that end and reaches beyond it"

[checks]
not_null = ["event_date", "due", "renewed"]
expressions = { part = "renewed <= due" }
---*/
with periods as (
    select user_id, end_date, min(start_date) as start_date
    from plan_periods
    where end_date > $watermark - 550
    group by user_id, end_date
),

-- of the periods that end later, the one that begins first decides
followed as (
    select
        user_id,
        end_date,
        lead(end_date) over (partition by user_id order by end_date) as next_date,
        min(start_date) over (
            partition by user_id
            order by end_date desc
            rows between unbounded preceding and 1 preceding
        ) as next_start_date
    from periods
),

-- an end counts for 30 days, but no longer than until the member's next
spans as (
    select
        end_date as start_date,
        least(next_date, end_date + 30) as end_date,
        case when next_start_date <= end_date + 7 then 1 else 0 end as is_renewed
    from followed
    where end_date <= $watermark
),

ends as (
    select * from (values (1), (-1)) as ends (step)
),

first_day as (
    select min(event_date) as event_date from kpi_days
),

steps as (
    select
        greatest(case ends.step when 1 then spans.start_date else spans.end_date end, first_day.event_date) as event_date,
        ends.step as due,
        ends.step * spans.is_renewed as renewed
    from spans
    cross join ends
    cross join first_day
),

daily as (
    select event_date, sum(due) as due, sum(renewed) as renewed
    from steps
    group by event_date
),

final as (
    select
        days.event_date,
        cast(sum(coalesce(daily.due, 0)) over running as bigint) as due,
        cast(sum(coalesce(daily.renewed, 0)) over running as bigint) as renewed
    from kpi_days as days
    left join daily on days.event_date = daily.event_date
    window running as (order by days.event_date rows between unbounded preceding and current row)
)

select * from final
