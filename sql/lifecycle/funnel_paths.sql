/*---
description = "How far each member came in each funnel: every step in its turn, each at the earliest act that can be it"
kind = "scratch"
grain = ["funnel", "user_id", "step"]
sort = []

[columns]
funnel = "name of the funnel"
user_id = "pseudonym of the member"
step = "step reached, from 1"
reached_at = "instant at which it was reached, UTC"

[checks]
not_null = ["funnel", "user_id", "step", "reached_at"]
---*/
with recursive paths as (
    select funnel, user_id, cast(1 as bigint) as step, entered_at as reached_at
    from funnel_entries
    union all
    select candidates.funnel, candidates.user_id, candidates.step, min(candidates.ts) as reached_at
    from paths
    inner join funnel_candidates as candidates
        on paths.funnel = candidates.funnel
            and paths.user_id = candidates.user_id
            and paths.step + 1 = candidates.step
    -- in one instant the order of the steps counts, but no act is two steps
    where candidates.ts > paths.reached_at or (candidates.ts = paths.reached_at and not candidates.is_repeat)
    group by candidates.funnel, candidates.user_id, candidates.step
),

final as (
    select funnel, user_id, step, reached_at from paths
)

select * from final
