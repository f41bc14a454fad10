/*---
description = "What each KPI means; windows end with the local day they are given for"
kind = "view"
grain = ["kpi"]
sort = []

[columns]
kpi = "name of the KPI"
title = "name for people"
definition = "what is counted, over which window"
unit = "members, visits, views, cents (hundredths of the site's one currency) or ratio (0 to 1)"
direction = "up = more is better, none = neither"
window_days = "days that the number looks back on, the day itself included"
is_share = "whether the numerator is a part of the denominator"

[checks]
not_null = ["kpi", "title", "definition", "unit", "direction", "window_days", "is_share"]
---*/
with final as (
    select kpi, title, definition, unit, direction, cast(window_days as int) as window_days, is_share
    from (values
        ('dau', 'Daily active members', 'Distinct members active on the day; being charged is not activity',
            'members', 'up', 1, false),
        ('wau', 'Weekly active members', 'Distinct members active in the last 7 days',
            'members', 'up', 7, false),
        ('mau', 'Monthly active members', 'Distinct members active in the last 30 days',
            'members', 'up', 30, false),
        ('stickiness', 'Stickiness', 'Mean daily active members over all of the last 30 days / monthly active members',
            'ratio', 'up', 30, false),
        ('new_members', 'New members', 'Members who joined on the day; by their first act where the site does not say',
            'members', 'up', 1, false),
        ('sessions', 'Visits', 'Visits begun on the day, of members and visitors, without noise',
            'visits', 'up', 1, false),
        ('page_views', 'Page views', 'Page views of the day, of members and visitors, without noise',
            'views', 'up', 1, false),
        ('course_participation', 'Course participation',
            'Of the members on a plan on any of the last 30 days, those with a lesson view in these days',
            'ratio', 'up', 30, true),
        ('paid_members', 'Paid members', 'Members whose paid period covers the day',
            'members', 'up', 1, false),
        ('revenue', 'Revenue', 'Payments and purchases less refunds of the last 30 days',
            'cents', 'up', 30, false),
        ('arppu', 'Revenue per paying member',
            'Revenue of the last 30 days / members with a payment, purchase or refund in them',
            'cents', 'up', 30, false),
        ('rating_top2', 'Good ratings', 'Ratings of the last 30 days in the two highest boxes / all of them',
            'ratio', 'up', 30, true)
    ) as catalog (kpi, title, definition, unit, direction, window_days, is_share)
)

select * from final
