/*---
description = "Topics of the days that KPIs look back on, and how long each waited for the first reply or post of another member"
kind = "scratch"
grain = ["topic_id"]
sort = []

[columns]
topic_id = "the site's id of the topic"
event_date = "local day on which it was opened"
response_us = "microseconds to the first response of another member; null = none yet"
observed_us = "microseconds from the opening to the last act that is known: how long a response could have been seen"

[checks]
not_null = ["topic_id", "event_date", "observed_us"]
---*/
with acts as (
    select
        event_date,
        user_id,
        kind,
        target_id,
        cast(round(extract(epoch from ts) * 1000000) as bigint) as ts_us
    from interactions
    where event_date > $watermark - 550 and event_date <= $watermark
),

topics as (
    select target_id, event_date, user_id, ts_us
    from acts
    where kind = 'topic'
    qualify row_number() over (partition by target_id order by ts_us, user_id) = 1
),

responses as (
    select topics.target_id, min(acts.ts_us) as ts_us
    from topics
    inner join acts on topics.target_id = acts.target_id
    where acts.kind in ('reply', 'post') and acts.user_id <> topics.user_id and acts.ts_us >= topics.ts_us
    group by topics.target_id
),

last_act as (
    select max(ts_us) as ts_us from acts
),

final as (
    select
        topics.target_id as topic_id,
        topics.event_date,
        responses.ts_us - topics.ts_us as response_us,
        last_act.ts_us - topics.ts_us as observed_us
    from topics
    left join responses on topics.target_id = responses.target_id
    cross join last_act
)

select * from final
