/*---
description = "How long one payment of a plan pays for, where the payments up to the watermark tell"
kind = "scratch"
grain = ["plan", "currency"]
sort = []

[columns]
plan = "plan that was paid for; unnamed = payments that name none"
currency = "currency code, uppercase"
term_days = "most common length, of equally common ones the longest, local days"
term_from = "period = from the periods of the payments; gap = from the days between a member's successive payments, where no payment has a period"

[checks]
not_null = ["plan", "currency", "term_days", "term_from"]
accepted = { term_from = ["period", "gap"] }
---*/
with charges as (
    select
        coalesce(plan, 'unnamed') as plan,
        currency,
        user_id,
        event_date,
        case when period_start_date < period_end_date then period_end_date - period_start_date end as period_days
    from payments
    where kind = 'payment' and event_date <= $watermark
),

-- payments of one day are one step: a gap has a day at least
paid_days as (
    select plan, currency, user_id, event_date
    from charges
    group by plan, currency, user_id, event_date
),

gaps as (
    select
        plan,
        currency,
        event_date - lag(event_date) over (partition by plan, currency, user_id order by event_date) as gap_days
    from paid_days
),

lengths as (
    select plan, currency, 'period' as term_from, period_days as term_days, count(*) as times
    from charges
    where period_days is not null
    group by plan, currency, period_days
    union all
    select plan, currency, 'gap' as term_from, gap_days as term_days, count(*) as times
    from gaps
    where gap_days is not null
    group by plan, currency, gap_days
),

-- the longest of equally common ones, so that no day goes unpaid
final as (
    select plan, currency, cast(term_days as bigint) as term_days, term_from
    from lengths
    qualify row_number() over (
        partition by plan, currency
        order by case term_from when 'period' then 1 else 2 end, times desc, term_days desc
    ) = 1
)

select * from final
