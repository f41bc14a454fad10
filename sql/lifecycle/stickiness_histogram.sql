/*---
description = "Members by the exact number of distinct local days on which they were active, of the last 7 and the last 30 up to the watermark; who was not active in the window is not counted, so that the members add up to WAU and MAU"
kind = "table"
grain = ["window_days", "active_days"]
sort = []

[columns]
window_days = "7 or 30: length of the window in local days; its last day is the watermark"
active_days = "distinct active days in the window, from 1 to window_days"
members = "members with exactly that many; null = held back"
window_members = "members active in the window; null = held back"
share = "members / window_members, 0 to 1; null = held back"

[checks]
not_null = ["window_days", "active_days"]
expressions = { windows = "window_days in (7, 30)", in_window = "active_days between 1 and window_days", is_part = "members <= window_members" }

[privacy]
counts = { members = { of = "window_members" }, window_members = { by = ["window_days"] } }
ratios = { share = ["members", "window_members"] }
totals = [["active_days"]]
---*/
with member_counts as (
    select
        user_id,
        count(*) filter (where event_date > $watermark - 7) as days_7,
        count(*) as days_30
    from member_days
    where event_date > $watermark - 30 and event_date <= $watermark
    group by user_id
),

histogram as (
    select 7 as window_days, days_7 as active_days, count(*) as members
    from member_counts
    where days_7 > 0
    group by days_7
    union all
    select 30 as window_days, days_30 as active_days, count(*) as members
    from member_counts
    group by days_30
),

windows as (
    select window_days, cast(sum(members) as bigint) as window_members
    from histogram
    group by window_days
),

-- numbers of days that nobody has are zeros, so that the shape has no gaps
bins as (
    select window_days, window_members, unnest(range(1, window_days + 1)) as active_days
    from windows
),

final as (
    select
        cast(bins.window_days as bigint) as window_days,
        cast(bins.active_days as bigint) as active_days,
        coalesce(histogram.members, 0) as members,
        bins.window_members,
        cast(coalesce(histogram.members, 0) as double) / bins.window_members as share
    from bins
    left join histogram on bins.window_days = histogram.window_days and bins.active_days = histogram.active_days
)

select * from final
