/*---
description = "A member's lessons of a course up to the watermark, all days added up, and whether each was surely viewed on one day only"
kind = "scratch"
grain = ["user_id", "course_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
course_id = "the site's id of the course"
lesson_days = "pairs of a lesson and a local day with a view"
latest_at = "the latest of the first views of such pairs, UTC"
dwell_s = "time on lessons, whole seconds, over timed_views"
timed_views = "lesson views of which that time is known"
may_repeat = "whether a lesson may have been viewed on several days; false = none was"

[checks]
not_null = ["user_id", "course_id", "lesson_days", "latest_at", "dwell_s", "timed_views", "may_repeat"]
---*/
-- a lesson is a bit: as long as all are different ones, they add up to the set of them. Of long courses two lessons share a
-- bit, which only says that there may be a repetition. 40 bits leave room for the sum of 8 million days
with lesson_bits as (
    select course_id, lesson_id, cast(1 as bigint) << (number % 40) as bit from lesson_totals
),

final as (
    select
        days.user_id,
        days.course_id,
        count(*) as lesson_days,
        max(days.first_at) as latest_at,
        cast(sum(days.dwell_s) as bigint) as dwell_s,
        cast(sum(days.timed_views) as bigint) as timed_views,
        cast(sum(lesson_bits.bit) as bigint) <> bit_or(lesson_bits.bit) as may_repeat
    from lesson_bits
    inner join lesson_days as days on lesson_bits.course_id = days.course_id and lesson_bits.lesson_id = days.lesson_id
    where days.event_date <= $watermark
    group by days.user_id, days.course_id
)

select * from final
