/*---
description = "How recently, how often and how much each paying member has paid, up to the watermark, and scores from 1 to 5 by the part of the payers that lie no higher (cume_dist: ties share a score); members who never paid have no row"
kind = "table"
grain = ["user_id"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member"
recency_days = "days from the last payment or purchase to the watermark"
frequency = "payments of plans and purchases, each counted; refunds are not"
monetary_cents = "payments and purchases less refunds, hundredths of the currency; null = paid in several currencies, which don't add up"
currency = "currency of monetary_cents; null = several"
recency_score = "1 to 5; 5 = paid most recently"
frequency_score = "1 to 5; 5 = paid most often"
monetary_score = "1 to 5 among those who pay in the same currency; 5 = paid most; null = several currencies"
segment = "paid once: newcomer if recency_score is 4 or 5, else one_time. Paid more often: recency_score 4 or 5: champion if frequency_score is 4 or 5, else regular; 3: fading; 1 or 2: at_risk if frequency_score is 4 or 5, else lost"

[checks]
not_null = ["user_id", "recency_days", "frequency", "recency_score", "frequency_score", "segment"]
accepted = { segment = ["newcomer", "one_time", "champion", "regular", "fading", "at_risk", "lost"] }

[checks.expressions]
scores_in_range = "recency_score between 1 and 5 and frequency_score between 1 and 5"
monetary_in_range = "monetary_score is null or monetary_score between 1 and 5"
paid = "recency_days >= 0 and frequency >= 1"
one_currency = "(currency is null) = (monetary_cents is null) and (currency is null) = (monetary_score is null)"
---*/
with charges as (
    select
        user_id,
        event_date,
        currency,
        case when kind <> 'refund' then 1 else 0 end as is_paid,
        case when kind = 'refund' then -abs(amount_cents) else amount_cents end as net_cents
    from payments
    where event_date <= $watermark
),

paid as (
    select
        user_id,
        $watermark - max(event_date) filter (where is_paid = 1) as recency_days,
        cast(sum(is_paid) as bigint) as frequency,
        cast(sum(net_cents) as bigint) as net_cents,
        min(currency) as first_currency,
        max(currency) as last_currency
    from charges
    group by user_id
    having sum(is_paid) > 0
),

valued as (
    select
        user_id,
        cast(recency_days as bigint) as recency_days,
        frequency,
        case when first_currency = last_currency then net_cents end as monetary_cents,
        case when first_currency = last_currency then first_currency end as currency
    from paid
),

scored as (
    select
        *,
        cast(ceil(5 * cume_dist() over (order by recency_days desc)) as bigint) as recency_score,
        cast(ceil(5 * cume_dist() over (order by frequency)) as bigint) as frequency_score,
        cast(ceil(5 * cume_dist() over (partition by currency order by monetary_cents)) as bigint) as monetary_rank
    from valued
),

final as (
    select
        user_id,
        recency_days,
        frequency,
        monetary_cents,
        currency,
        recency_score,
        frequency_score,
        case when currency is not null then monetary_rank end as monetary_score,
        case
            when frequency = 1 and recency_score >= 4 then 'newcomer'
            when frequency = 1 then 'one_time'
            when recency_score >= 4 and frequency_score >= 4 then 'champion'
            when recency_score >= 4 then 'regular'
            when recency_score = 3 then 'fading'
            when frequency_score >= 4 then 'at_risk'
            else 'lost'
        end as segment
    from scored
)

select * from final
