/*---
description = "Paying members by segment and currency (see member_rfm), and what they paid, up to the watermark"
kind = "table"
grain = ["segment", "currency"]
sort = []

[columns]
segment = "segment of member_rfm"
currency = "currency they pay in; several = more than one"
members = "members of the segment; null = held back"
payers = "members who ever paid in this currency, all segments; null = held back"
share = "members / payers, 0 to 1; null = held back"
frequency = "their payments and purchases; null = held back"
monetary_cents = "payments and purchases less refunds, hundredths of the currency; null = several currencies, or held back"

[checks]
not_null = ["segment", "currency"]
accepted = { segment = ["newcomer", "one_time", "champion", "regular", "fading", "at_risk", "lost"] }
expressions = { is_part = "members <= payers" }

[privacy]
counts = { members = { of = "payers" }, payers = { by = ["currency"] } }
ratios = { share = ["members", "payers"] }
rests = { frequency = "members", monetary_cents = "members" }
totals = [["segment"], ["currency"], ["segment", "currency"]]
---*/
with segments as (
    select
        segment,
        coalesce(currency, 'several') as currency,
        count(*) as members,
        cast(sum(frequency) as bigint) as frequency,
        cast(sum(monetary_cents) as bigint) as monetary_cents
    from member_rfm
    group by segment, coalesce(currency, 'several')
),

totalled as (
    select *, cast(sum(members) over (partition by currency) as bigint) as payers
    from segments
),

final as (
    select
        segment,
        currency,
        members,
        payers,
        cast(members as double) / payers as share,
        frequency,
        monetary_cents
    from totalled
)

select * from final
