/*---
description = "Numerator and denominator of each KPI on each local day up to the watermark, in exact numbers, not published"
kind = "scratch"
grain = ["kpi", "event_date"]
sort = []

[columns]
kpi = "name of the KPI, as in kpi_catalog"
event_date = "local day of the community"
first_date = "first local day with a visit or an act"
numerator = "numerator, or the number itself"
denominator = "denominator; null = the KPI is a plain number"
people = "distinct members or visitors the number rests on"

[checks]
not_null = ["kpi", "event_date", "first_date", "numerator", "people"]
---*/
with windowed as (
    select
        *,
        cast(sum(active_1) over last_30 as bigint) as active_days_30,
        cast(sum(ratings) over last_30 as bigint) as ratings_30,
        cast(sum(top2_ratings) over last_30 as bigint) as top2_ratings_30,
        cast(sum(revenue) over last_30 as bigint) as revenue_30
    from daily_numbers
    window last_30 as (order by event_date rows between 29 preceding and current row)
),

plain as (
    select 'dau' as kpi, event_date, first_date, active_1 as numerator, active_1 as people from windowed
    union all
    select 'wau' as kpi, event_date, first_date, active_7 as numerator, active_7 as people from windowed
    union all
    select 'mau' as kpi, event_date, first_date, active_30 as numerator, active_30 as people from windowed
    union all
    select 'new_members' as kpi, event_date, first_date, new_members as numerator, new_members as people from windowed
    union all
    select 'sessions' as kpi, event_date, first_date, sessions as numerator, session_people as people from windowed
    union all
    select 'page_views' as kpi, event_date, first_date, page_views as numerator, page_view_people as people from windowed
    union all
    select 'paid_members' as kpi, event_date, first_date, plan_1 as numerator, plan_1 as people from windowed
    union all
    select 'revenue' as kpi, event_date, first_date, revenue_30 as numerator, payer_30 as people from windowed
),

ratios as (
    select
        'stickiness' as kpi,
        event_date,
        first_date,
        active_days_30 as numerator,
        30 * active_30 as denominator,
        active_30 as people
    from windowed
    union all
    select
        'course_participation' as kpi,
        event_date,
        first_date,
        plan_lesson_30 as numerator,
        plan_30 as denominator,
        plan_30 as people
    from windowed
    union all
    select 'arppu' as kpi, event_date, first_date, revenue_30 as numerator, payer_30 as denominator, payer_30 as people
    from windowed
    union all
    select
        'rating_top2' as kpi,
        event_date,
        first_date,
        top2_ratings_30 as numerator,
        ratings_30 as denominator,
        rater_30 as people
    from windowed
),

final as (
    select kpi, event_date, first_date, numerator, cast(null as bigint) as denominator, people from plain
    union all
    select kpi, event_date, first_date, numerator, denominator, people from ratios
)

select * from final
where numerator is not null and people is not null and event_date <= $watermark
