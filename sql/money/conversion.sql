/*---
description = "Conversion to paid: how many of those who joined in a calendar month paid within so many days of joining"
kind = "table"
grain = ["basis", "cohort_start", "within_days"]
sort = []

[columns]
basis = "plan = paid for a plan; purchase = bought something; only what members of this community pay for"
cohort_start = "first day of the month of joining"
within_days = "local days after that of joining, which is day 0, by which the first payment was made: 7, 30 or 90; one made before joining counts"
joined = "members who joined early enough for all these days to have passed by the watermark; null = held back"
converted = "those of them who paid by then; null = held back"
rate = "converted / joined, 0 to 1; null = nobody has had the time, or held back"
is_complete = "whether these days have passed for every day of the month by the watermark"

[privacy]
final = "is_complete"
counts = { joined = {}, converted = { of = "joined" } }
ratios = { rate = ["converted", "joined"] }

[checks]
not_null = ["basis", "cohort_start", "within_days", "is_complete"]
accepted = { basis = ["plan", "purchase"] }
expressions = { known_window = "within_days in (7, 30, 90)" }
---*/
with firsts as (
    select
        case kind when 'payment' then 'plan' else 'purchase' end as basis,
        user_id,
        min(event_date) as paid_date
    from payments
    where kind in ('payment', 'purchase') and event_date <= $watermark
    group by kind, user_id
),

bases as (
    select basis from firsts group by basis
),

roster as (
    select bases.basis, members.user_id, members.joined_date
    from bases
    cross join member_roster as members
    where members.joined_date <= $watermark
),

-- members who joined and paid on the same days, so that the windows multiply few rows
joiners as (
    select roster.basis, roster.joined_date, firsts.paid_date, count(*) as members
    from roster
    left join firsts on roster.basis = firsts.basis and roster.user_id = firsts.user_id
    group by roster.basis, roster.joined_date, firsts.paid_date
),

windows as (
    select * from (values (7), (30), (90)) as windows (within_days)
),

due as (
    select
        joiners.basis,
        cast(date_trunc('month', joiners.joined_date) as date) as cohort_start,
        windows.within_days,
        case when joiners.joined_date + cast(windows.within_days as int) <= $watermark then joiners.members else 0 end as joined,
        joiners.paid_date <= joiners.joined_date + cast(windows.within_days as int) as in_time
    from joiners
    cross join windows
),

counted as (
    select
        basis,
        cohort_start,
        within_days,
        cast(sum(joined) as bigint) as joined,
        cast(coalesce(sum(joined) filter (where in_time), 0) as bigint) as converted
    from due
    group by basis, cohort_start, within_days
),

final as (
    select
        basis,
        cohort_start,
        cast(within_days as bigint) as within_days,
        joined,
        converted,
        cast(converted as double) / nullif(joined, 0) as rate,
        cast(cohort_start + interval '1 month' as date) - 1 + cast(within_days as int) <= $watermark as is_complete
    from counted
)

select * from final
