/*---
description = "What members were shown on each local day, once for each course of a list: a retry, and the click that follows, are the same showing; what was shown without recording clicks is left out"
sensitive = true
kind = "state"
grain = ["event_date", "source", "rank", "user_id", "recommendation_id", "course_id"]
sort = []

[incremental]
day = "event_date"

[columns]
event_date = "local day of the community"
source = "what filled the place"
rank = "place in the list, from 1"
user_id = "pseudonym of the member"
recommendation_id = "id of the list that was shown"
course_id = "the site's id of the course"
was_followed = "whether the member followed it on that day"

[checks]
not_null = ["event_date", "source", "rank", "user_id", "recommendation_id", "course_id", "was_followed"]
---*/
with final as (
    select
        local_date as event_date,
        source,
        rank,
        user_id,
        recommendation_id,
        course_id,
        bool_or(clicked) as was_followed
    from stg_impressions
    where clicked is not null
    group by local_date, source, rank, user_id, recommendation_id, course_id
)

select * from final
