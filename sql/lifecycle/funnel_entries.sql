/*---
description = "Each member's one entry into each funnel: the first act ever of the kind of step 1; only entries whose window has passed by the watermark"
kind = "scratch"
grain = ["funnel", "user_id"]
sort = []

[columns]
funnel = "name of the funnel"
user_id = "pseudonym of the member"
entered_at = "instant of the entry, UTC"
last_date = "last local day of the window: window_days days after that of the entry"

[checks]
not_null = ["funnel", "user_id", "entered_at", "last_date"]
---*/
with first_steps as (
    select funnel, kind, window_days from stg_funnel_steps where step = 1
),

first_acts as (
    select
        first_steps.funnel,
        first_steps.window_days,
        acts.user_id,
        min(acts.ts) as entered_at,
        min(acts.event_date) as entered_date
    from first_steps
    inner join funnel_acts as acts on first_steps.kind = acts.kind
    where acts.event_date <= $watermark
    group by first_steps.funnel, first_steps.window_days, acts.user_id
),

final as (
    select funnel, user_id, entered_at, entered_date + cast(window_days as int) as last_date
    from first_acts
    where $watermark - entered_date >= window_days
)

select * from final
