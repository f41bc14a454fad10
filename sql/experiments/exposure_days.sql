/*---
description = "Arms of experiments that members were shown on each local day, each once"
sensitive = true
kind = "state"
grain = ["event_date", "experiment", "user_id", "variant"]
sort = []

[incremental]
day = "event_date"

[columns]
event_date = "local day of the community"
experiment = "name of the experiment"
user_id = "pseudonym of the member"
variant = "arm that was shown"
first_shown_at = "instant of the first showing of that day, UTC"

[checks]
not_null = ["event_date", "experiment", "user_id", "variant", "first_shown_at"]
---*/
with final as (
    select
        local_date as event_date,
        experiment,
        user_id,
        variant,
        min(ts) as first_shown_at
    from stg_exposures
    group by local_date, experiment, user_id, variant
)

select * from final
