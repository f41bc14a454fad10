/*---
description = "The rating that stands at the end of the watermark: a member's latest of each course"
kind = "scratch"
grain = ["user_id", "course_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
rating = "stars on the site's scale"
event_date = "local day on which it was given"

[checks]
not_null = ["user_id", "course_id", "rating", "event_date"]
---*/
with final as (
    select user_id, course_id, rating, event_date
    from ratings
    where event_date <= $watermark
    -- of two ratings in one instant the higher stands
    qualify row_number() over (partition by user_id, course_id order by ts desc, rating desc) = 1
)

select * from final
