/*---
description = "What adds up over time: its sum over the 30 local days up to each, from the first day that has any"
kind = "scratch"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "what is added up: active_days, ratings, top2_ratings, rating_micros, revenue_cents (in the main currency), charges, refunds, joined, converted (of joined, paid within 30 days), starts, completed (of starts, within 30 days), topics, answered (of topics, within 24 hours)"
event_date = "local day of the community"
amount_30 = "sum over the 30 days: a count, millionths of a star or hundredths of the currency"

[checks]
not_null = ["measure", "event_date", "amount_30"]
---*/
with amounts as (
    select 'active_days' as measure, event_date, members as amount from daily_members where measure = 'active_1'
    union all
    select measure, event_date, amount from rating_amounts
    union all
    select measure, event_date, amount from payment_amounts
    union all
    select measure, event_date, amount from cohort_amounts
),

days as (
    select event_date
    from calendar_days
    where event_date > $watermark - 520 and event_date <= $watermark
),

measures as (
    select measure, min(event_date) as first_date
    from amounts
    where event_date <= $watermark
    group by measure
),

final as (
    select
        measures.measure,
        days.event_date,
        cast(sum(coalesce(amounts.amount, 0)) over (
            partition by measures.measure
            order by days.event_date
            rows between 29 preceding and current row
        ) as bigint) as amount_30
    from measures
    cross join days
    left join amounts on measures.measure = amounts.measure and days.event_date = amounts.event_date
    where days.event_date >= measures.first_date
)

select * from final
