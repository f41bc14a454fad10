/*---
description = "Recommendations that members saw: the usable rows"
kind = "view"
grain = []
sort = []

[columns]
ts = "instant of the act, UTC"
local_date = "local day of the community"
recommendation_id = "id of the list that was shown"
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
rank = "place in the list, from 1"
source = "what filled the place"
clicked = "whether the member followed it; null = not recorded"

[checks]
not_null = ["recommendation_id", "user_id", "course_id", "rank", "source", "ts", "local_date"]
---*/
select
    ts,
    local_date,
    recommendation_id,
    user_id,
    course_id,
    rank,
    source,
    clicked
from base_impressions
where reject_reason is null
