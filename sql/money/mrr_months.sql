/*---
description = "Monthly recurring revenue by calendar month and currency, and what changed it, in exact numbers: members on a plan at the end of the month before against those at its end"
kind = "scratch"
grain = ["month", "currency"]
sort = []

[columns]
month = "12 * year + month - 1: months without gaps"
currency = "currency code, uppercase"
subscribers = "members on a plan at either end of the month"
start_cents = "monthly value of the plans at the end of the month before, hundredths of the currency"
new_cents = "value at the end of members who were on no plan in this currency at the start, hundredths of the currency"
expansion_cents = "rise of members who are on a plan at both ends and pay more, hundredths of the currency"
contraction_cents = "fall of members who are on a plan at both ends and pay less, hundredths of the currency"
churn_cents = "value at the start of members who are on no plan in this currency at the end, hundredths of the currency"
end_cents = "monthly value of the plans at the month's end, hundredths of the currency"

[checks]
not_null = ["month", "currency", "subscribers", "start_cents", "new_cents", "expansion_cents", "contraction_cents", "churn_cents", "end_cents"]
expressions = { adds_up = "start_cents + new_cents + expansion_cents - contraction_cents - churn_cents = end_cents" }
---*/
with sides as (
    select month, user_id, currency, cast(null as bigint) as start_cents, monthly_cents as end_cents
    from paying_months
    union all
    select month + 1 as month, user_id, currency, monthly_cents as start_cents, cast(null as bigint) as end_cents
    from paying_months
),

-- null = on no plan; a plan may cost nothing
members as (
    select month, user_id, currency, max(start_cents) as start_cents, max(end_cents) as end_cents
    from sides
    group by month, user_id, currency
),

final as (
    select
        members.month,
        members.currency,
        count(*) as subscribers,
        cast(coalesce(sum(start_cents), 0) as bigint) as start_cents,
        cast(coalesce(sum(end_cents) filter (where start_cents is null), 0) as bigint) as new_cents,
        cast(coalesce(sum(end_cents - start_cents) filter (where end_cents > start_cents), 0) as bigint) as expansion_cents,
        cast(coalesce(sum(start_cents - end_cents) filter (where end_cents < start_cents), 0) as bigint) as contraction_cents,
        cast(coalesce(sum(start_cents) filter (where end_cents is null), 0) as bigint) as churn_cents,
        cast(coalesce(sum(end_cents), 0) as bigint) as end_cents
    from money_months as months
    inner join members on months.month = members.month
    group by members.month, members.currency
)

select * from final
