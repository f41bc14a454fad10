/*---
description = "One row for each local day on which a member was active: did anything but be charged or refunded, which happens without the member; a purchase is an act"
kind = "table"
grain = ["user_id", "event_date"]
sort = []

[columns]
user_id = "pseudonym of the member"
event_date = "local day of the community"
events = "acts"
page_views = "page views, lesson views included"
lesson_views = "views of lessons"
courses = "distinct courses touched"
ratings = "ratings given"
interactions = "interactions: posts, replies, likes, completions, ..."

[checks]
not_null = ["user_id", "event_date", "events"]
---*/
with acts as (
    select * from events where kind not in ('payment', 'refund')
),

-- distinct courses in two steps: a distinct count over this many groups does not fit in memory
course_days as (
    select
        user_id,
        event_date,
        course_id,
        count(*) as events,
        count(*) filter (where source = 'access_log') as page_views,
        count(*) filter (where kind = 'lesson_view') as lesson_views,
        count(*) filter (where source = 'ratings') as ratings,
        count(*) filter (where source = 'interactions') as interactions
    from acts
    group by user_id, event_date, course_id
),

final as (
    select
        user_id,
        event_date,
        cast(sum(events) as bigint) as events,
        cast(sum(page_views) as bigint) as page_views,
        cast(sum(lesson_views) as bigint) as lesson_views,
        count(course_id) as courses,
        cast(sum(ratings) as bigint) as ratings,
        cast(sum(interactions) as bigint) as interactions
    from course_days
    group by user_id, event_date
)

select * from final
