/*---
description = "The days by which a member is counted: the first ones, which make cohorts, and the last ones, up to the watermark"
kind = "scratch"
grain = ["user_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
first_date = "first active local day"
first_ever_date = "first active local day, if the member's very first act can start a cohort; else null"
first_start_date = "first local day with an act that can start a cohort; null = none yet"
first_course_date = "first local day with an act in a course; null = none yet"
last_date = "last active local day"
last_return_date = "last local day with an act that counts as coming back; null = none yet"

[checks]
not_null = ["user_id", "first_date", "last_date"]
---*/
with firsts as (
    select
        user_id,
        min(event_date) as first_date,
        min(event_date) filter (where first_starts) as first_opening_date,
        min(event_date) filter (where starts > 0) as first_start_date,
        min(event_date) filter (where courses > 0) as first_course_date,
        max(event_date) as last_date,
        max(event_date) filter (where returns > 0) as last_return_date
    from member_days
    where event_date <= $watermark
    group by user_id
),

final as (
    select
        user_id,
        first_date,
        case when first_opening_date = first_date then first_date end as first_ever_date,
        first_start_date,
        first_course_date,
        last_date,
        last_return_date
    from firsts
)

select * from final
