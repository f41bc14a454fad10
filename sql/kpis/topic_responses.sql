/*---
description = "Topics of the days that KPIs look back on, and how long each waited for the first reply or post of another member, if that came within a week"
kind = "scratch"
grain = ["topic_id"]
sort = []

[columns]
topic_id = "the site's id of the topic"
event_date = "local day on which it was opened"
response_us = "microseconds to the first response of another member; null = none yet, or none within a week of 168 hours"
observed_us = "microseconds from the opening to the last act that is known: how long a response could have been seen"

[checks]
not_null = ["topic_id", "event_date", "observed_us"]
---*/
with topics as (
    select *
    from topic_waits
    where event_date > $watermark - 550 and event_date <= $watermark
    -- one that is opened again on another day is still the first
    qualify row_number() over (partition by topic_id order by opened_us) = 1
),

last_act as (
    select cast(round(extract(epoch from max(ts)) * 1000000) as bigint) as ts_us
    from interactions
    where event_date > $watermark - 550 and event_date <= $watermark
),

final as (
    select
        topics.topic_id,
        topics.event_date,
        case when topics.response_date <= $watermark then topics.response_us end as response_us,
        last_act.ts_us - topics.opened_us as observed_us
    from topics
    cross join last_act
)

select * from final
