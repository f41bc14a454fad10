/*---
description = "The windows of 24 hours, counted from a member's own first act, in which the member was active up to the watermark; none where not every act counts as coming back, because only the first and last instants of a day are known, not their kinds"
kind = "scratch"
grain = ["user_id", "window_index"]
sort = []

[columns]
user_id = "pseudonym of the member; only those whose very first act can start a cohort"
cohort_start = "local day of the first act"
start_us = "instant of the first act, microseconds since 1970, UTC"
window_index = "number of the window, 0 to 30: window k goes from k times 24 hours after the first act to just before k + 1 times"

[checks]
not_null = ["user_id", "cohort_start", "start_us", "window_index"]
---*/
-- a UTC day has at most one bound of two windows in it: the windows of its first and last act are all it touches
with firsts as (
    select user_id, first_ever_date from member_firsts where first_ever_date is not null and $return_any
),

early as (
    select
        firsts.user_id,
        firsts.first_ever_date as cohort_start,
        cast(round(extract(epoch from days.first_at) * 1000000) as bigint) as first_us,
        cast(round(extract(epoch from days.last_at) * 1000000) as bigint) as last_us
    from firsts
    inner join member_utc_days as days on firsts.user_id = days.user_id
    where days.event_date <= $watermark and days.event_date - firsts.first_ever_date between 0 and 32
),

started as (
    select *, min(first_us) over (partition by user_id) as start_us from early
),

ends as (
    select * from (values (0), (1)) as ends (is_last)
),

touched as (
    select
        started.user_id,
        started.cohort_start,
        started.start_us,
        case ends.is_last when 0 then started.first_us else started.last_us end - started.start_us as elapsed_us
    from started
    cross join ends
),

final as (
    select distinct
        user_id,
        cohort_start,
        start_us,
        cast(floor(cast(elapsed_us as double) / 86400000000) as bigint) as window_index
    from touched
    where elapsed_us < 31 * 86400000000
)

select * from final
