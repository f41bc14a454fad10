/*---
description = "Median time to the first response; no row where half are not answered within a week"
kind = "view"
grain = ["event_date"]
sort = []

[columns]
event_date = "local day of the community: the last of the window"
numerator = "hours until half of the topics of the last 30 days have a reply or post of another member: Kaplan-Meier median, each topic watched for a week, the unanswered censored; no number where half are not answered within a week"
denominator = "null: a plain number"
people = "distinct members who opened the topics"

[checks]
not_null = ["event_date", "numerator", "people"]

[kpi]
title = "Time to first response"
numerator = "Hours until half of the topics of the last 30 days have a reply or post of another member: Kaplan-Meier median, each topic watched for a week, the unanswered censored; no number where half are not answered within a week"
window_days = 30
maturity_days = 8
unit = "hours"
direction = "down"
is_share = false
---*/
select
    days.event_date,
    curve.median_hours as numerator,
    cast(null as bigint) as denominator,
    measured.members as people
from kpi_days as days
inner join response_medians as curve on days.event_date = curve.event_date
inner join daily_members as measured on days.event_date = measured.event_date
where measured.measure = 'creator_30'
