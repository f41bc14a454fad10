with listed as (
    select
        rank,
        course_id,
        score,
        source,
        reasons[1] as first_reason,
        reasons[2] as second_reason,
        reasons[3] as third_reason
    from recommendations
    where user_id = $member
        and rank <= 5
),

final as (
    select
        listed.rank,
        coalesce(courses.title, listed.course_id) as course,
        round(listed.score, 4) as score,
        listed.source,
        listed.first_reason['kind'] as first_kind,
        coalesce(first_course.title, listed.first_reason['id']) as first_name,
        listed.second_reason['kind'] as second_kind,
        coalesce(second_course.title, listed.second_reason['id']) as second_name,
        listed.third_reason['kind'] as third_kind,
        coalesce(third_course.title, listed.third_reason['id']) as third_name
    from listed
    left join course_stats as courses
        on listed.course_id = courses.course_id
    left join course_stats as first_course
        on listed.first_reason['kind'] = 'course' and listed.first_reason['id'] = first_course.course_id
    left join course_stats as second_course
        on listed.second_reason['kind'] = 'course' and listed.second_reason['id'] = second_course.course_id
    left join course_stats as third_course
        on listed.third_reason['kind'] = 'course' and listed.third_reason['id'] = third_course.course_id
)

select *
from final
order by rank
