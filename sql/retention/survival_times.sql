/*---
description = "How many members left, or were still there when they could no longer be followed, after so many days, and how many were left to do so"
kind = "scratch"
grain = ["measure", "cohort", "day"]
sort = []

[columns]
measure = "activity, membership or ended, as in survival"
cohort = "all months of the start with min_group members or more, or the first day of one month"
cohort_start = "that day; null for all"
day = "days since the start"
members = "members of the cohort"
at_risk = "members not gone before the day, and followed at least until it"
events = "members who left after exactly so many days"
censored = "members followed for exactly so many days"

[checks]
not_null = ["measure", "cohort", "day", "members", "at_risk", "events", "censored"]
---*/
with monthly as (
    select
        measure,
        cast(date_trunc('month', start_date) as date) as cohort_start,
        days as day,
        count(*) filter (where is_event) as events,
        count(*) filter (where not is_event) as censored,
        sum(count(*)) over (partition by measure, cast(date_trunc('month', start_date) as date)) as month_members
    from member_spans
    group by measure, cast(date_trunc('month', start_date) as date), days
),

cohorts as (
    select measure, cast(cohort_start as varchar) as cohort, cohort_start, day, events, censored
    from monthly
    union all
    select
        measure,
        'all' as cohort,
        cast(null as date) as cohort_start,
        day,
        cast(sum(events) as bigint) as events,
        cast(sum(censored) as bigint) as censored
    from monthly
    -- else all without the other months would be the numbers of a month that is too small to be shown
    where month_members >= $min_group
    group by measure, day
),

final as (
    select
        measure,
        cohort,
        cohort_start,
        day,
        cast(sum(events + censored) over (partition by measure, cohort) as bigint) as members,
        cast(sum(events + censored) over (
            partition by measure, cohort
            order by day desc
            rows between unbounded preceding and current row
        ) as bigint) as at_risk,
        events,
        censored
    from cohorts
)

select * from final
