/*---
description = "Runs of local days without a gap on which a member was active, up to the watermark: the present one, the longest, and how many"
kind = "table"
grain = ["user_id"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member; members who were never active have no row"
current_streak_days = "active days in a row up to the watermark; 0 = not active on it"
longest_streak_days = "most active days in a row"
longest_first_date = "first local day of the longest streak; the earliest of several as long"
longest_last_date = "its last local day"
streaks = "streaks of 2 days or more"

[checks]
not_null = ["user_id", "current_streak_days", "longest_streak_days", "longest_first_date", "longest_last_date", "streaks"]

[checks.expressions]
longest_is_longest = "longest_streak_days >= 1 and current_streak_days between 0 and longest_streak_days"
days_fit = "longest_last_date - longest_first_date + 1 = longest_streak_days"
streaks_fit = "(streaks > 0) = (longest_streak_days > 1)"
---*/
with days as (
    select
        user_id,
        event_date,
        previous_date,
        coalesce(event_date - previous_date = 1, false) as continues,
        is_followed and event_date < $watermark as goes_on
    from activity_gaps
    where event_date <= $watermark
),

-- the first and the last day of each streak; of single days only what can matter: those on the watermark, and those
-- after which the longest streak may be one day, each member's first
edges as (
    select
        user_id,
        event_date as first_date,
        continues,
        goes_on,
        lead(event_date) over (partition by user_id order by event_date) as next_date
    from days
    where continues <> goes_on or previous_date is null or event_date = $watermark
),

runs as (
    select user_id, first_date, case when goes_on then next_date else first_date end as last_date
    from edges
    where not continues
),

ranked as (
    select
        user_id,
        first_date,
        last_date,
        row_number() over (partition by user_id order by last_date - first_date desc, first_date) as place,
        max(case when last_date = $watermark then last_date - first_date + 1 end) over (partition by user_id) as current_days,
        sum(case when last_date > first_date then 1 else 0 end) over (partition by user_id) as streaks
    from runs
),

final as (
    select
        user_id,
        cast(coalesce(current_days, 0) as bigint) as current_streak_days,
        cast(last_date - first_date + 1 as bigint) as longest_streak_days,
        first_date as longest_first_date,
        last_date as longest_last_date,
        cast(streaks as bigint) as streaks
    from ranked
    where place = 1
)

select * from final
