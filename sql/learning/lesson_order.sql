/*---
description = "The order of a course's lessons as far as it can be seen: by their ids where all of those seen are whole numbers, else by how many lessons members had seen before"
kind = "scratch"
grain = ["course_id", "lesson_id"]
sort = []

[columns]
course_id = "the site's id of the course"
lesson_id = "the site's id of the lesson"
lesson_number = "place in the course, from 1, of the lessons that were viewed"

[checks]
not_null = ["course_id", "lesson_id", "lesson_number"]
---*/
with lessons as (
    select
        course_id,
        lesson_id,
        case when lesson_id ~ '^[0-9]{1,18}$' then try_cast(lesson_id as bigint) end as id_number
    from lesson_counts
),

courses as (
    select course_id, count(id_number) = count(*) as is_numbered
    from lessons
    group by course_id
),

-- a catalogue has no order of lessons, and members take few out of turn
first_views as (
    select days.user_id, days.course_id, days.lesson_id, min(days.first_at) as first_at
    from courses
    inner join lesson_days as days on courses.course_id = days.course_id
    where not courses.is_numbered and days.event_date <= $watermark
    group by days.user_id, days.course_id, days.lesson_id
),

places as (
    select
        course_id,
        lesson_id,
        row_number() over (partition by user_id, course_id order by first_at, lesson_id) as place
    from first_views
),

mean_places as (
    select course_id, lesson_id, cast(sum(place) as double) / count(*) as mean_place
    from places
    group by course_id, lesson_id
),

final as (
    select
        lessons.course_id,
        lessons.lesson_id,
        cast(row_number() over (
            partition by lessons.course_id
            order by case when courses.is_numbered then lessons.id_number end, mean_places.mean_place, lessons.lesson_id
        ) as bigint) as lesson_number
    from lessons
    inner join courses on lessons.course_id = courses.course_id
    left join mean_places on lessons.course_id = mean_places.course_id and lessons.lesson_id = mean_places.lesson_id
)

select * from final
