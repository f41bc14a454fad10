with listed as (
    select
        rank,
        course_id,
        score,
        source,
        reasons[1] as reason
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
        listed.reason['kind'] as kind,
        coalesce(because.title, listed.reason['id']) as name
    from listed
    left join course_stats as courses
        on listed.course_id = courses.course_id
    left join course_stats as because
        on listed.reason['kind'] = 'course' and listed.reason['id'] = because.course_id
)

select *
from final
order by rank
