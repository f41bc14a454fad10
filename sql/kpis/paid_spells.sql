/*---
description = "Unbroken stretches of local days on which a member was on a plan: the periods of plan_periods, merged where they touch or overlap. A payment without a whole period counts for the plan's usual term (see plan_terms); a refund does not end a stretch, and staff are left out"
kind = "scratch"
grain = ["window_days", "user_id", "start_date"]
sort = []

[columns]
window_days = "1 = days on a plan; 30 = days that have a day on a plan among the last 30"
user_id = "pseudonym of the member"
start_date = "first local day of the stretch"
end_date = "first local day after the stretch"

[checks]
not_null = ["window_days", "user_id", "start_date", "end_date"]
---*/
with windows as (
    select * from (values (1), (30)) as windows (window_days)
),

reach as (
    select
        cast(windows.window_days as int) as window_days,
        periods.user_id,
        periods.start_date,
        periods.end_date + cast(windows.window_days - 1 as int) as end_date
    from windows
    cross join plan_periods as periods
),

preceded as (
    select
        *,
        max(end_date) over (
            partition by window_days, user_id
            order by start_date, end_date
            rows between unbounded preceding and 1 preceding
        ) as covered_until
    from reach
),

numbered as (
    select
        *,
        sum(case when start_date <= covered_until then 0 else 1 end) over (
            partition by window_days, user_id
            order by start_date, end_date
            rows between unbounded preceding and current row
        ) as spell
    from preceded
),

final as (
    select window_days, user_id, min(start_date) as start_date, max(end_date) as end_date
    from numbered
    group by window_days, user_id, spell
)

select * from final
