/*---
description = "Members by the calendar month of their first payment, and how many of them still pay in each month since: for plans, those on one at the month's end; for purchases, those who bought in it"
kind = "table"
grain = ["basis", "cohort_start", "month_start"]
sort = []

[columns]
basis = "plan = payments of a plan; purchase = one-off purchases"
cohort_start = "first day of the month of the first payment, or purchase, by its local day"
month_start = "first day of the month that is looked at"
period_index = "calendar months after the cohort's, from 0"
size = "members of the cohort; null = held back"
retained = "those who pay: on a plan on the month's last local day (at the watermark if it has not ended), unbroken or not; or bought in the month; null = held back"
rate = "retained / size, 0 to 1; null = held back"
is_complete = "whether the month has ended by the watermark"

[privacy]
final = "is_complete"
counts = { size = { by = ["basis", "cohort_start"] }, retained = { of = "size" } }
ratios = { rate = ["retained", "size"] }
totals = [["cohort_start"]]

[checks]
not_null = ["basis", "cohort_start", "month_start", "period_index", "is_complete"]
accepted = { basis = ["plan", "purchase"] }
---*/
with paid as (
    select
        case kind when 'payment' then 'plan' else 'purchase' end as basis,
        user_id,
        cast(date_trunc('month', event_date) as date) as month_start
    from payments
    where kind in ('payment', 'purchase') and event_date <= $watermark
),

members as (
    select paid.basis, paid.user_id, min(months.month) as cohort
    from money_months as months
    inner join paid on months.month_start = paid.month_start
    group by paid.basis, paid.user_id
),

sizes as (
    select basis, cohort, count(*) as size
    from members
    group by basis, cohort
),

-- a member once a month: plans in two currencies, or two purchases, are one
marks as (
    select 'plan' as basis, user_id, month from paying_months
    union
    select paid.basis, paid.user_id, months.month
    from money_months as months
    inner join paid on months.month_start = paid.month_start
    where paid.basis = 'purchase'
),

counted as (
    select members.basis, members.cohort, marks.month, count(*) as retained
    from members
    inner join marks on members.basis = marks.basis and members.user_id = marks.user_id
    group by members.basis, members.cohort, marks.month
),

cells as (
    select
        sizes.basis,
        sizes.cohort,
        cohorts.month_start as cohort_start,
        months.month,
        months.month_start,
        months.is_complete,
        sizes.size
    from sizes
    inner join money_months as cohorts on sizes.cohort = cohorts.month
    inner join money_months as months on sizes.cohort <= months.month
),

final as (
    select
        cells.basis,
        cells.cohort_start,
        cells.month_start,
        cells.month - cells.cohort as period_index,
        cells.size,
        coalesce(counted.retained, 0) as retained,
        cast(coalesce(counted.retained, 0) as double) / cells.size as rate,
        cells.is_complete
    from cells
    left join counted on cells.basis = counted.basis and cells.cohort = counted.cohort and cells.month = counted.month
)

select * from final
