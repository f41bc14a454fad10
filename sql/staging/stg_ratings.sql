/*---
description = "Ratings of courses by members: the usable rows"
kind = "view"
grain = []
sort = []

[columns]
ts = "instant of the act, UTC"
local_date = "local day of the community"
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
rating = "stars on the site's scale"
review = "what the member wrote; null = nothing"

[checks]
not_null = ["user_id", "course_id", "ts", "local_date"]
---*/
select
    ts,
    local_date,
    user_id,
    course_id,
    rating,
    review
from base_ratings
where reject_reason is null
