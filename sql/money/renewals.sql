/*---
description = "Renewals by calendar month: whose paid period ended in it, and who was paid for again within 7 days of that. A month counts a member once, by the last end in it; other periods may overlap, and the plan may be another"
kind = "table"
grain = ["month_start"]
sort = []

[columns]
month_start = "first day of the month, from the first in which a period ended"
due = "members whose period ended in it (the first day no longer paid for lies in it), counted once the 7 days have passed by the watermark; null = held back"
renewed = "those of them with a period that begins at most 7 days after that end and reaches beyond it; null = held back"
rate = "renewed / due, 0 to 1; null = nobody was due, or held back"
is_complete = "whether the 7 days have passed for every day of the month by the watermark"

[privacy]
final = "is_complete"
counts = { due = {}, renewed = { of = "due" } }
ratios = { rate = ["renewed", "due"] }

[checks]
not_null = ["month_start", "is_complete"]
---*/
with ends as (
    select user_id, end_date, min(start_date) as start_date
    from plan_periods
    group by user_id, end_date
),

-- of the periods that end later, the one that begins first decides
followed as (
    select
        user_id,
        end_date,
        cast(date_trunc('month', end_date) as date) as month_start,
        min(start_date) over (
            partition by user_id
            order by end_date desc
            rows between unbounded preceding and 1 preceding
        ) as next_start_date
    from ends
),

judged as (
    select
        user_id,
        month_start,
        end_date,
        case when next_start_date <= end_date + 7 then end_date end as renewed_date
    from followed
    where end_date + 7 <= $watermark
),

due_members as (
    select user_id, month_start, coalesce(max(renewed_date) = max(end_date), false) as is_renewed
    from judged
    group by user_id, month_start
),

counted as (
    select month_start, count(*) as due, count(*) filter (where is_renewed) as renewed
    from due_members
    group by month_start
),

first_month as (
    select min(month_start) as month_start from counted
),

final as (
    select
        months.month_start,
        coalesce(counted.due, 0) as due,
        coalesce(counted.renewed, 0) as renewed,
        cast(counted.renewed as double) / counted.due as rate,
        cast(months.month_start + interval '1 month' as date) + 6 <= $watermark as is_complete
    from money_months as months
    cross join first_month
    left join counted on months.month_start = counted.month_start
    where months.month_start >= first_month.month_start
)

select * from final
