/*---
description = "How often what was recommended was followed, by what filled the place and by place: of the 28 local days up to the watermark. A course counts once in each list that a member saw, however often the impression was sent; what was shown without recording clicks is left out"
kind = "table"
grain = ["source", "rank"]
sort = []

[columns]
source = "what filled the place"
rank = "place in the list, from 1"
viewers = "distinct members who saw it; null = held back"
clickers = "distinct members who followed it at least once; null = held back"
shown = "courses shown; null = held back"
clicks = "those that were followed; null = held back"
click_through = "clicks / shown, 0 to 1; null = held back"
low = "lower end of its 95 % interval (Wilson), as if each showing were by itself; null = held back"
high = "upper end of the interval; null = held back"

[privacy]
counts = { viewers = {}, clickers = { of = "viewers" } }
rests = { shown = "viewers", clicks = "clickers", click_through = "clickers", low = "clickers", high = "clickers" }

[checks]
not_null = ["source", "rank"]

[checks.expressions]
a_part_of_what_was_shown = "coalesce(clicks between 0 and shown, true)"
within_the_interval = "coalesce(click_through between low and high, true)"
---*/
with showings as (
    select source, rank, user_id, recommendation_id, course_id, bool_or(was_followed) as was_followed
    from shown_days
    where event_date > $watermark - 28 and event_date <= $watermark
    group by source, rank, user_id, recommendation_id, course_id
),

members as (
    select
        source,
        rank,
        user_id,
        count(*) as shown,
        count(*) filter (where was_followed) as clicks
    from showings
    group by source, rank, user_id
),

counted as (
    select
        source,
        rank,
        count(*) as viewers,
        count(*) filter (where clicks > 0) as clickers,
        cast(sum(shown) as bigint) as shown,
        cast(sum(clicks) as bigint) as clicks
    from members
    group by source, rank
),

-- z² of 95 % is 3.8414588
rated as (
    select
        *,
        cast(clicks as double) / shown as click_through,
        (clicks + 1.9207294) / (shown + 3.8414588) as centre,
        sqrt(3.8414588 * (cast(clicks as double) * (shown - clicks) / shown + 0.9603647)) / (shown + 3.8414588) as half_width
    from counted
),

final as (
    select
        source,
        rank,
        viewers,
        clickers,
        shown,
        clicks,
        click_through,
        greatest(least(centre - half_width, click_through), 0) as low,
        least(greatest(centre + half_width, click_through), 1) as high
    from rated
)

select * from final
