/*---
description = "How many members take each step of each funnel of hachi.toml, one entry a member: the first act ever of step 1's kind, then each step at the earliest act of its kind after the step before (in one instant the order of steps counts), within window_days local days after the day of entry. Only entries whose window has passed by the watermark count, so that every member had the same time"
kind = "table"
grain = ["funnel", "step"]
sort = []

[columns]
funnel = "name of the funnel"
step = "place of the step, from 1"
kind = "kind of act that is the step"
window_days = "days after the day of entry in which the steps count"
entered_members = "members who entered, their window having passed; null = held back"
previous_members = "members who took the step before (at step 1, who entered); null = held back"
members = "members who took this step and all before it; null = held back"
share_of_first = "members / entered_members, 0 to 1; null = nobody entered, or held back"
share_of_previous = "members / previous_members, 0 to 1; null = nobody took the step before, or held back"
fewest_members = "the smallest number of members, but 0, who took a step of the funnel or stopped between two of them: what all its numbers rest on, since any two tell the third; null = held back, or nobody entered"
median_hours = "median time from the entry to this step, hours, of those who took it; null = nobody, or held back"

[checks]
not_null = ["funnel", "step", "kind", "window_days"]
expressions = { never_rises = "members <= previous_members and previous_members <= entered_members", forward = "median_hours is null or median_hours >= 0" }

[privacy]
counts = { fewest_members = { by = ["funnel"] } }
rests = { entered_members = "fewest_members", previous_members = "fewest_members", members = "fewest_members", share_of_first = "fewest_members", share_of_previous = "fewest_members", median_hours = "fewest_members" }
---*/
with steps as (
    select * from stg_funnel_steps
),

timed as (
    select
        paths.funnel,
        paths.step,
        cast(round(extract(epoch from paths.reached_at) * 1000000) as bigint)
            - cast(round(extract(epoch from entries.entered_at) * 1000000) as bigint) as duration_us
    from funnel_entries as entries
    inner join funnel_paths as paths on entries.funnel = paths.funnel and entries.user_id = paths.user_id
),

reached as (
    select funnel, step, count(*) as members, median(cast(duration_us as double)) / 3600000000 as median_hours
    from timed
    group by funnel, step
),

filled as (
    select
        steps.funnel,
        steps.step,
        steps.kind,
        steps.window_days,
        coalesce(reached.members, 0) as members,
        reached.median_hours
    from steps
    left join reached on steps.funnel = reached.funnel and steps.step = reached.step
),

compared as (
    select
        *,
        max(members) over (partition by funnel) as entered_members,
        coalesce(lag(members) over (partition by funnel order by step), members) as previous_members
    from filled
),

final as (
    select
        funnel,
        step,
        kind,
        window_days,
        entered_members,
        previous_members,
        members,
        cast(members as double) / nullif(entered_members, 0) as share_of_first,
        cast(members as double) / nullif(previous_members, 0) as share_of_previous,
        least(
            min(nullif(members, 0)) over (partition by funnel),
            min(nullif(previous_members - members, 0)) over (partition by funnel)
        ) as fewest_members,
        median_hours
    from compared
)

select * from final
