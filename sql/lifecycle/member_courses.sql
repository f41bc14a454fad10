/*---
description = "Each course that a member has touched by the watermark: when first, and whether it was completed"
kind = "scratch"
grain = ["user_id", "course_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
first_at = "instant of the first act on it, UTC"
first_date = "local day of the first act on it"
is_completed = "whether it was completed"

[checks]
not_null = ["user_id", "course_id", "first_at", "first_date", "is_completed"]
---*/
with final as (
    select
        user_id,
        course_id,
        min(first_at) as first_at,
        min(event_date) as first_date,
        max(completions) > 0 as is_completed
    from member_course_days
    where event_date <= $watermark
    group by user_id, course_id
)

select * from final
