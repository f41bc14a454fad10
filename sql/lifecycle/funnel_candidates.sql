/*---
description = "The acts after a member's entry and within its window that could be a step of the funnel"
kind = "scratch"
grain = ["funnel", "user_id", "step", "ts"]
sort = []

[columns]
funnel = "name of the funnel"
user_id = "pseudonym of the member"
step = "the step that the act could be, from 2"
ts = "instant of the act, UTC"
is_repeat = "whether an earlier step of the funnel asks for the same kind"

[checks]
not_null = ["funnel", "user_id", "step", "ts", "is_repeat"]
---*/
with steps as (
    select
        *,
        row_number() over (partition by funnel, kind order by step) > 1 as is_repeat
    from stg_funnel_steps
),

wanted as (
    select
        steps.funnel,
        steps.step,
        steps.kind,
        steps.is_repeat,
        entries.user_id,
        entries.entered_at,
        entries.last_date
    from steps
    inner join funnel_entries as entries on steps.funnel = entries.funnel
    where steps.step > 1
),

final as (
    select wanted.funnel, wanted.user_id, wanted.step, acts.ts, wanted.is_repeat
    from wanted
    inner join funnel_acts as acts
        on wanted.user_id = acts.user_id
            and wanted.kind = acts.kind
            and acts.ts >= wanted.entered_at
            and acts.event_date <= wanted.last_date
)

select * from final
