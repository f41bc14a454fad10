/*---
description = "Kaplan-Meier median of the time to the first response, over the topics of the 30 local days up to each; no row where half are not answered within a week"
kind = "scratch"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the 30"
median_hours = "first whole hour, 1 to 168, by which at least half have a response"

[checks]
not_null = ["event_date", "median_hours"]
---*/
-- each topic is watched for a week; one without a response until then, or until the data end, is censored
with watched as (
    select
        event_date,
        coalesce(response_us <= 604800000000, false) as is_answered,
        case
            when response_us <= 604800000000
                then greatest(cast(ceil(cast(response_us as double) / 3600000000) as bigint), 1)
            else least(cast(floor(cast(observed_us as double) / 3600000000) as bigint), 168)
        end as hours
    from topic_responses
),

counts as (
    select event_date, hours, count(*) as topics, count(*) filter (where is_answered) as answered
    from watched
    group by event_date, hours
),

hours as (
    select unnest(generate_series(1, 168)) as hours
),

days as (
    select event_date
    from calendar_days
    where event_date > $watermark - 490 and event_date <= $watermark
),

windowed as (
    select
        days.event_date,
        hours.hours,
        sum(coalesce(counts.topics, 0)) over last_30 as topics,
        sum(coalesce(counts.answered, 0)) over last_30 as answered
    from days
    cross join hours
    left join counts on days.event_date = counts.event_date and hours.hours = counts.hours
    window last_30 as (partition by hours.hours order by days.event_date rows between 29 preceding and current row)
),

risks as (
    select
        event_date,
        hours,
        answered,
        sum(topics) over (
            partition by event_date order by hours desc rows between unbounded preceding and current row
        ) as at_risk
    from windowed
),

-- S(t) = product over hours h <= t of (1 - answered(h) / at risk(h)); where all are answered it falls to nothing
survival as (
    select
        event_date,
        hours,
        sum(
            case
                when answered = 0 then cast(0 as double)
                when answered = at_risk then cast(-1000 as double)
                else ln(1 - cast(answered as double) / at_risk)
            end
        ) over (partition by event_date order by hours rows between unbounded preceding and current row) as log_survival
    from risks
),

final as (
    select event_date, cast(min(hours) as bigint) as median_hours
    from survival
    -- the tolerance is for sums of logarithms that should come to exactly one half
    where log_survival <= ln(cast(0.5 as double)) + 0.000000001
    group by event_date
)

select * from final
