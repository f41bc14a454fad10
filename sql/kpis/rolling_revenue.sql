/*---
description = "Monthly recurring revenue of the members who paid 30 days ago, then and now, on each local day from the first that is paid for"
kind = "scratch"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community"
opening_cents = "what they paid a month 30 days ago, hundredths of the main currency"
net_cents = "what they pay a month now"
gross_cents = "what they pay a month now, of none more than 30 days ago"
opening_members = "members who paid 30 days ago"
same_members = "those of them who pay the same now"
kept_members = "those of them who pay the same or more now"

[checks]
not_null = ["event_date", "opening_cents", "net_cents", "gross_cents", "opening_members", "same_members", "kept_members"]
expressions = { gross_below_net = "gross_cents <= net_cents", gross_below_opening = "gross_cents <= opening_cents" }
---*/
with rates as (
    select * from paid_rates where end_date > $watermark - 550 and start_date <= $watermark
),

spans as (
    select
        start_date + 30 as start_date,
        end_date + 30 as end_date,
        monthly_cents as opening_cents,
        0 as net_cents,
        0 as gross_cents,
        1 as opening_members,
        0 as same_members,
        0 as kept_members
    from rates
    union all
    select
        greatest(before.start_date + 30, after.start_date) as start_date,
        least(before.end_date + 30, after.end_date) as end_date,
        0 as opening_cents,
        after.monthly_cents as net_cents,
        least(before.monthly_cents, after.monthly_cents) as gross_cents,
        0 as opening_members,
        case when after.monthly_cents = before.monthly_cents then 1 else 0 end as same_members,
        case when after.monthly_cents >= before.monthly_cents then 1 else 0 end as kept_members
    from rates as before
    inner join rates as after on before.user_id = after.user_id
    where before.start_date + 30 < after.end_date and after.start_date < before.end_date + 30
),

ends as (
    select * from (values (1), (-1)) as ends (step)
),

first_day as (
    select min(event_date) as event_date from kpi_days
),

first_rate as (
    select min(start_date) as event_date from rates
),

steps as (
    select
        greatest(case ends.step when 1 then spans.start_date else spans.end_date end, first_day.event_date) as event_date,
        sum(ends.step * spans.opening_cents) as opening_cents,
        sum(ends.step * spans.net_cents) as net_cents,
        sum(ends.step * spans.gross_cents) as gross_cents,
        sum(ends.step * spans.opening_members) as opening_members,
        sum(ends.step * spans.same_members) as same_members,
        sum(ends.step * spans.kept_members) as kept_members
    from spans
    cross join ends
    cross join first_day
    group by greatest(case ends.step when 1 then spans.start_date else spans.end_date end, first_day.event_date)
),

final as (
    select
        days.event_date,
        cast(sum(coalesce(steps.opening_cents, 0)) over running as bigint) as opening_cents,
        cast(sum(coalesce(steps.net_cents, 0)) over running as bigint) as net_cents,
        cast(sum(coalesce(steps.gross_cents, 0)) over running as bigint) as gross_cents,
        cast(sum(coalesce(steps.opening_members, 0)) over running as bigint) as opening_members,
        cast(sum(coalesce(steps.same_members, 0)) over running as bigint) as same_members,
        cast(sum(coalesce(steps.kept_members, 0)) over running as bigint) as kept_members
    from kpi_days as days
    cross join first_rate
    left join steps on days.event_date = steps.event_date
    where days.event_date >= first_rate.event_date
    window running as (order by days.event_date rows between unbounded preceding and current row)
)

select * from final
