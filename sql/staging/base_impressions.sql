/*---
description = "Every raw row of impressions (recommendations that members saw), cleaned, with the first reason that keeps it from being used"
kind = "scratch"
grain = ["source_file", "source_row"]
sort = []

[incremental]
day = "local_date"

[columns]
source_file = "file the row came from"
source_row = "position of the row in its file, from 1"
ts = "instant of the act, UTC"
local_date = "local day of the community"
recommendation_id = "id of the list that was shown"
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
rank = "place in the list, from 1"
source = "what filled the place"
clicked = "whether the member followed it; null = not recorded"
reject_reason = "why the row can't be used; null = it can"

[checks]
not_null = ["source_file", "source_row"]
---*/
select
    source_file,
    source_row,
    ts,
    local_date,
    recommendation_id,
    user_id,
    course_id,
    rank,
    source,
    clicked,
    case
        when problem is not null then problem
        when recommendation_id is null or trim(recommendation_id) = '' then '`recommendation_id` is missing'
        when user_id is null or trim(user_id) = '' then '`user_id` is missing'
        when course_id is null or trim(course_id) = '' then '`course_id` is missing'
        when rank is null then '`rank` is missing'
        when source is null or trim(source) = '' then '`source` is missing'
        when ts is null then '`ts` is missing'
        when ts < timestamptz '1970-01-01T00:00:00Z' then '`ts` is before 1970-01-01'
        when ts > $as_of then '`ts` is after as_of'
        when rank < 1 then '`rank` is below 1'
    end as reject_reason
from raw_impressions
