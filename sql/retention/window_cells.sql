/*---
description = "Every cell of the retention in windows of 24 hours: all windows that have begun for some member of the cohort by the end of the watermark day"
kind = "scratch"
grain = ["cohort_start", "period_index"]
sort = []

[columns]
cohort_start = "local day of the first acts"
period_index = "number of the window, 0 to 30"
cohort_size = "members of the cohort"
retained = "those who were active in the window"
is_complete = "whether the windows of all members of the cohort have ended by the end of the watermark day"

[checks]
not_null = ["cohort_start", "period_index", "cohort_size", "retained", "is_complete"]
---*/
-- everyone has window 0
with cohorts as (
    select
        cohort_start,
        count(*) as cohort_size,
        min(start_us) as first_start_us,
        max(start_us) as last_start_us,
        cast(round(extract(epoch from $watermark_end) * 1000000) as bigint) as end_us
    from member_windows
    where window_index = 0
    group by cohort_start
),

grid as (
    select
        *,
        unnest(range(
            0,
            least(cast(ceil(cast(end_us - first_start_us as double) / 86400000000) as bigint), 31)
        )) as period_index
    from cohorts
),

returns as (
    select cohort_start, window_index, count(*) as members
    from member_windows
    group by cohort_start, window_index
),

final as (
    select
        grid.cohort_start,
        grid.period_index,
        grid.cohort_size,
        coalesce(returns.members, 0) as retained,
        grid.last_start_us + (grid.period_index + 1) * 86400000000 <= grid.end_us as is_complete
    from grid
    left join returns on grid.cohort_start = returns.cohort_start and grid.period_index = returns.window_index
)

select * from final
