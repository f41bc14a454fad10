-- What each member did with a course on a day, and what they gave for it last on that day. Who refuses personalisation is in no
-- affinity.
with personal as (
    select distinct user_id from course_affinity
),

opinions as (
    select
        user_id,
        course_id,
        event_date,
        rating,
        row_number() over (partition by user_id, course_id, event_date order by ts desc, rating desc) as place
    from ratings
),

acts as (
    select
        user_id,
        course_id,
        event_date,
        cast(weight_micro as double) / 1000000 as weight,
        cast(null as double) as rating
    from member_course_days
    union all
    select user_id, course_id, event_date, cast(0 as double) as weight, cast(rating as double) as rating
    from opinions
    where place = 1
),

final as (
    select acts.user_id, acts.course_id, acts.event_date, acts.weight, acts.rating
    from acts
    inner join personal on acts.user_id = personal.user_id
)

select * from final
