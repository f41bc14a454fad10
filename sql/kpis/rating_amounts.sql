/*---
description = "Ratings of each local day, added up"
kind = "view"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "ratings; top2_ratings = those in the two highest boxes; rating_micros = their sum"
event_date = "local day of the community"
amount = "a count, or millionths of a star"

[checks]
not_null = ["measure", "event_date", "amount"]
---*/
with daily as (
    select
        event_date,
        count(*) as ratings,
        count(*) filter (where rating >= $rating_max - 1) as top2_ratings,
        cast(sum(cast(round(rating * 1000000) as bigint)) as bigint) as rating_micros
    from ratings
    group by event_date
),

final as (
    select 'ratings' as measure, event_date, ratings as amount from daily
    union all
    select 'top2_ratings' as measure, event_date, top2_ratings as amount from daily
    union all
    select 'rating_micros' as measure, event_date, rating_micros as amount from daily
)

select * from final
