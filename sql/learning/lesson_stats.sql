/*---
description = "Each lesson that was viewed, in numbers up to the watermark, and how many went no further than it"
kind = "table"
grain = ["course_id", "lesson_id"]
sort = []

[columns]
course_id = "the site's id of the course"
lesson_id = "the site's id of the lesson"
lesson_number = "place in the course, from 1: by id where all ids are whole numbers, else by the mean place at which members came to it"
starts = "distinct members who viewed it; null = held back"
views = "views; null = held back"
revisits = "members who viewed it on two local days or more; null = held back"
revisit_rate = "revisits / starts, 0 to 1; null = held back"
timed_members = "members of whom the time on it is known at least once; null = held back"
mean_dwell_s = "mean time of a view of which it is known, until the next page view in the same visit, seconds; null = of none, or held back"
decided = "starts without those who may yet go on: it is the lesson they reached last, the course is not completed, and they are not gone; null = held back"
dropped = "those of them who are gone: it is the lesson they reached last, the course is not completed, and they did nothing in it for $gone_after_days days or more; null = held back"
drop_off_rate = "dropped / decided, 0 to 1; null = nobody is decided, or held back"

[privacy.counts]
starts = {}
revisits = { of = "starts" }
timed_members = { of = "starts" }
decided = { of = "starts" }
dropped = { of = "decided" }

[privacy.ratios]
revisit_rate = ["revisits", "starts"]
drop_off_rate = ["dropped", "decided"]

[privacy.rests]
views = "starts"
mean_dwell_s = "timed_members"

[checks]
not_null = ["course_id", "lesson_id", "lesson_number"]
relationships = { course_id = "course_stats.course_id" }
---*/
with counted as (
    select
        lessons.*,
        lessons.starts - coalesce(ends.undecided, 0) as decided,
        coalesce(ends.dropped, 0) as dropped
    from lesson_counts as lessons
    left join lesson_ends as ends on lessons.course_id = ends.course_id and lessons.lesson_id = ends.lesson_id
),

final as (
    select
        counted.course_id,
        counted.lesson_id,
        orders.lesson_number,
        counted.starts,
        counted.views,
        counted.revisits,
        cast(counted.revisits as double) / counted.starts as revisit_rate,
        counted.timed_members,
        counted.mean_dwell_s,
        counted.decided,
        counted.dropped,
        cast(counted.dropped as double) / nullif(counted.decided, 0) as drop_off_rate
    from counted
    inner join lesson_order as orders on counted.course_id = orders.course_id and counted.lesson_id = orders.lesson_id
)

select * from final
