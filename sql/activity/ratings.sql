/*---
description = "Ratings of courses, every one that was given; staff are left out. See latest_ratings for those that stand"
kind = "table"
grain = []
sort = ["event_date", "user_id", "ts", "course_id", "rating"]
sensitive = true

[incremental]
day = "event_date"

[columns]
event_date = "local day of the rating"
user_id = "pseudonym of the member"
ts = "instant of the rating, UTC"
course_id = "the site's id of the course"
rating = "stars on the site's scale"

[checks]
not_null = ["event_date", "user_id", "ts", "course_id", "rating"]
---*/
with final as (
    select
        acts.local_date as event_date,
        acts.user_id,
        acts.ts,
        acts.course_id,
        acts.rating
    from stg_ratings as acts
    left join staff on acts.user_id = staff.user_id and staff.joined_date <= acts.local_date
    where staff.user_id is null
)

select * from final
