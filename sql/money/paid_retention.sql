/*---
description = "Paid retention of each calendar month: of the members on a plan at the end of the month before, those who are on one at its end"
kind = "table"
grain = ["month_start"]
sort = []

[columns]
month_start = "first day of the month, from the one after the first with anyone on a plan at its end"
paying_before = "members on a plan on the last local day of the month before; null = held back"
retained = "those of them on a plan on the last local day of this month, or at the watermark if it has not ended; null = held back"
rate = "retained / paying_before, 0 to 1; null = nobody was on a plan, or held back"
is_complete = "whether the month has ended by the watermark"

[privacy]
final = "is_complete"
counts = { paying_before = {}, retained = { of = "paying_before" } }
ratios = { rate = ["retained", "paying_before"] }

[checks]
not_null = ["month_start", "is_complete"]
---*/
-- each member in the month of being on a plan, and in the next as one who was
with sides as (
    select month, user_id, 0 as before, 1 as after from paying_months
    union all
    select month + 1 as month, user_id, 1 as before, 0 as after from paying_months
),

-- plans in two currencies are one member
members as (
    select month, user_id, max(before) as before, max(after) as after
    from sides
    group by month, user_id
),

counted as (
    select
        month,
        cast(sum(before) as bigint) as paying_before,
        cast(sum(before * after) as bigint) as retained
    from members
    group by month
),

first_month as (
    select min(month) as month from counted
),

final as (
    select
        months.month_start,
        coalesce(counted.paying_before, 0) as paying_before,
        coalesce(counted.retained, 0) as retained,
        cast(counted.retained as double) / nullif(counted.paying_before, 0) as rate,
        months.is_complete
    from money_months as months
    cross join first_month
    left join counted on months.month = counted.month
    where months.month > first_month.month
)

select * from final
