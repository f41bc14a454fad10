/*---
description = "From a course to the next other course that a member started, where starting is the first act on a course; up to the watermark"
kind = "table"
grain = ["from_course_id", "to_course_id"]
sort = []

[columns]
from_course_id = "the site's id of the course started before"
to_course_id = "the site's id of the course started next; of several in one instant, by id"
members = "members who started one and next the other; null = held back"
leaving_members = "members who started the first and later any other; null = held back"
share = "members / leaving_members, 0 to 1; null = held back"
median_days = "median of the local days between the two starts; null = held back"

[checks]
not_null = ["from_course_id", "to_course_id"]
expressions = { other_course = "from_course_id <> to_course_id", is_part = "members <= leaving_members", forward = "median_days >= 0" }

[privacy]
counts = { members = { of = "leaving_members" }, leaving_members = { by = ["from_course_id"] } }
ratios = { share = ["members", "leaving_members"] }
rests = { median_days = "members" }
totals = [["to_course_id"]]
---*/
with followed as (
    select
        course_id as from_course_id,
        first_date as from_date,
        lead(course_id) over (partition by user_id order by first_at, course_id) as to_course_id,
        lead(first_date) over (partition by user_id order by first_at, course_id) as to_date
    from member_courses
    where first_date is not null
),

-- a member starts a course once: rows are members
paths as (
    select
        from_course_id,
        to_course_id,
        count(*) as members,
        median(cast(to_date - from_date as double)) as median_days
    from followed
    where to_course_id is not null
    group by from_course_id, to_course_id
),

totalled as (
    select *, cast(sum(members) over (partition by from_course_id) as bigint) as leaving_members
    from paths
),

final as (
    select
        from_course_id,
        to_course_id,
        members,
        leaving_members,
        cast(members as double) / leaving_members as share,
        median_days
    from totalled
)

select * from final
