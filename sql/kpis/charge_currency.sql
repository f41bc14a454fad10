/*---
description = "The site's main currency: the one that most payments and purchases are made in, the first by name of several; amounts of other currencies are never added to it"
kind = "scratch"
grain = ["currency"]
sort = []

[columns]
currency = "currency code"

[checks]
not_null = ["currency"]
---*/
with charges as (
    select currency, count(*) as charges
    from payments
    where kind in ('payment', 'purchase') and event_date <= $watermark
    group by currency
),

final as (
    select currency
    from charges
    qualify row_number() over (order by charges desc, currency) = 1
)

select * from final
