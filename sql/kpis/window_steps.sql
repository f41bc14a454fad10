/*---
description = "By how many members each measure rises and falls on each local day: members who begin to count less members who no longer do"
kind = "scratch"
grain = ["measure", "event_date"]
sort = []

[columns]
measure = "who is counted, and the window in days, as in daily_members"
event_date = "local day of the community; what changed before the first day of daily_members stands on that day"
step = "members gained less members lost"

[checks]
not_null = ["measure", "event_date", "step"]
---*/
with measures as (
    select measure, act, cast(window_days as int) as window_days
    from (values
        ('active_1', 'active', 1),
        ('active_7', 'active', 7),
        ('active_30', 'active', 30),
        ('rater_30', 'rating', 30),
        ('creator_30', 'topic', 30),
        ('contributor_30', 'contribution', 30),
        ('starter_30', 'start', 30),
        ('charged_30', 'charge', 30),
        ('refunded_30', 'refund', 30),
        ('payer_30', 'payer', 30),
        ('account_30', 'account', 30)
    ) as measures (measure, act, window_days)
),

-- an act counts for the days that the act before does not cover
act_spans as (
    select
        measures.measure,
        gaps.event_date + greatest(measures.window_days - gaps.days_since, 0) as start_date,
        gaps.event_date + measures.window_days as end_date,
        gaps.members
    from measures
    inner join window_gaps as gaps on measures.act = gaps.act
),

spans as (
    select measure, start_date, end_date, members from act_spans
    union all
    select measure, start_date, end_date, members from plan_spans
),

-- both ends of a span in one pass
ends as (
    select * from (values (1), (-1)) as ends (step)
),

first_day as (
    select min(event_date) as event_date from calendar_days where event_date > $watermark - 520
),

steps as (
    select
        spans.measure,
        greatest(case ends.step when 1 then spans.start_date else spans.end_date end, first_day.event_date) as event_date,
        ends.step * spans.members as step
    from spans
    cross join ends
    cross join first_day
),

final as (
    select measure, event_date, cast(sum(step) as bigint) as step
    from steps
    group by measure, event_date
)

select * from final
