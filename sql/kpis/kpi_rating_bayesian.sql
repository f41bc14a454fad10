/*---
description = "Mean rating, steadied where ratings are few"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "millionths of a star: ratings of the last 30 days, added up, with 10 more at the mean of all ratings before them"
denominator = "a million times the number of these ratings; 0 = none in the last 30 days"
people = "distinct members who rated in the last 30 days"

[checks]
not_null = ["event_date", "numerator", "denominator", "people"]

[kpi]
title = "Mean rating, steadied"
numerator = "Ratings of the last 30 days, added up, with 10 more at the mean of all ratings before them (the middle of the scale if there were none)"
denominator = "Number of all these"
window_days = 30
maturity_days = 0
unit = "stars"
direction = "up"
is_share = false
---*/
with daily as (
    select event_date, measure, amount from rating_amounts where event_date <= $watermark and measure <> 'top2_ratings'
),

days as (
    select event_date, first_date from calendar_days where event_date <= $watermark
),

sums as (
    select
        days.event_date,
        cast(sum(coalesce(stars.amount, 0)) over so_far as bigint) as micros,
        cast(sum(coalesce(given.amount, 0)) over so_far as bigint) as ratings
    from days
    left join (select * from daily where measure = 'rating_micros') as stars on days.event_date = stars.event_date
    left join (select * from daily where measure = 'ratings') as given on days.event_date = given.event_date
    window so_far as (order by days.event_date rows between unbounded preceding and current row)
),

windowed as (
    select
        event_date,
        micros,
        ratings,
        coalesce(lag(micros, 30) over (order by event_date), 0) as prior_micros,
        coalesce(lag(ratings, 30) over (order by event_date), 0) as prior_ratings
    from sums
),

final as (
    select
        days.event_date,
        windowed.micros - windowed.prior_micros + 10 * cast(floor(
            coalesce(
                cast(windowed.prior_micros as double) / nullif(windowed.prior_ratings, 0),
                ($rating_min + $rating_max) * 500000
            )
        ) as bigint) as numerator,
        -- without a rating in the window there is nothing to steady
        case
            when windowed.ratings > windowed.prior_ratings then 1000000 * (windowed.ratings - windowed.prior_ratings + 10)
            else 0
        end as denominator,
        measured.members as people
    from kpi_days as days
    inner join windowed on days.event_date = windowed.event_date
    inner join daily_members as measured on days.event_date = measured.event_date
    where measured.measure = 'rater_30'
)

select * from final
