/*---
description = "Topics opened on a local day, and how long each waited for the first reply or post of another member, if that came within a week"
kind = "state"
grain = ["event_date", "topic_id"]
sort = []
sensitive = true

[incremental]
day = "event_date"
# a week may end on the 8th day after: a change of clocks may have carried its last hour there
lookahead_days = 8

[columns]
event_date = "local day on which it was opened"
topic_id = "the site's id of the topic"
opened_us = "instant of the first opening on the day, microseconds since 1970, UTC"
response_us = "microseconds to the first response of another member, at most a week of 168 hours; null = none in it"
response_date = "local day of that response; null = none"

[checks]
not_null = ["event_date", "topic_id", "opened_us"]
expressions = { in_a_week = "response_us between 0 and 604800000000", both = "(response_us is null) = (response_date is null)" }
---*/
with acts as (
    select
        event_date,
        user_id,
        kind,
        target_id,
        cast(round(extract(epoch from ts) * 1000000) as bigint) as ts_us
    from interactions
    where kind in ('topic', 'reply', 'post')
),

openings as (
    select target_id, event_date, user_id, ts_us
    from acts
    where kind = 'topic'
    qualify row_number() over (partition by target_id, event_date order by ts_us, user_id) = 1
),

responses as (
    select
        openings.target_id,
        openings.event_date,
        min(acts.ts_us) as ts_us,
        min(acts.event_date) as response_date
    from openings
    inner join acts on openings.target_id = acts.target_id
    where acts.kind in ('reply', 'post')
        and acts.user_id <> openings.user_id
        and acts.ts_us between openings.ts_us and openings.ts_us + 604800000000
        and acts.event_date between openings.event_date and openings.event_date + 8
    group by openings.target_id, openings.event_date
),

final as (
    select
        openings.event_date,
        openings.target_id as topic_id,
        openings.ts_us as opened_us,
        responses.ts_us - openings.ts_us as response_us,
        responses.response_date
    from openings
    left join responses on openings.target_id = responses.target_id and openings.event_date = responses.event_date
)

select * from final
