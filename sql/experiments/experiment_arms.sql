/*---
description = "Who takes part in each experiment, by the arm that a member was shown first, up to the watermark. Whoever was shown several arms counts for none of them, and one in a hundred of those exposed is too many"
kind = "table"
grain = ["experiment", "variant"]
sort = []

[columns]
experiment = "name of the experiment"
variant = "arm that was shown first"
exposed = "distinct members who were shown this arm first; null = held back"
members = "those of them who were shown no other arm; null = held back"
first_day = "local day on which the first of them came in; null = held back"
last_day = "local day on which the last of them came in; null = held back"

[privacy]
counts = { exposed = {}, members = { of = "exposed" } }
rests = { first_day = "exposed", last_day = "exposed" }

[checks]
not_null = ["experiment", "variant"]

[checks.expressions]
members_are_exposed = "coalesce(members between 0 and exposed, true)"
days_in_order = "coalesce(first_day <= last_day, true)"
---*/
with showings as (
    select
        experiment,
        user_id,
        variant,
        event_date,
        row_number() over (partition by experiment, user_id order by first_shown_at, variant) as place
    from exposure_days
    where event_date <= $watermark
),

members as (
    select
        experiment,
        user_id,
        min(variant) filter (where place = 1) as variant,
        min(event_date) as first_day,
        count(distinct variant) as variants
    from showings
    group by experiment, user_id
),

final as (
    select
        experiment,
        variant,
        count(*) as exposed,
        count(*) filter (where variants = 1) as members,
        min(first_day) as first_day,
        max(first_day) as last_day
    from members
    group by experiment, variant
)

select * from final
