/*---
description = "What is known of where a newcomer comes from: members whose very first act can start a cohort, up to the watermark; an attribute that is unknown of all of them has no rows"
kind = "scratch"
grain = ["user_id", "attribute"]
sort = []

[columns]
user_id = "pseudonym of the member"
attribute = "plan, referrer, language, country or first_course"
value = "the attribute's value, (unknown) where nothing says; see retention_by_attribute"

[checks]
not_null = ["user_id", "attribute", "value"]
accepted = { attribute = ["plan", "referrer", "language", "country", "first_course"] }
---*/
with firsts as (
    select * from member_firsts where first_ever_date is not null
),

visits as (
    select firsts.user_id, days.referer_host
    from firsts
    inner join member_days as days on firsts.user_id = days.user_id and firsts.first_date = days.event_date
),

courses as (
    select firsts.user_id, days.course_id
    from firsts
    inner join member_course_days as days
        on firsts.user_id = days.user_id and firsts.first_course_date = days.event_date
    qualify row_number() over (partition by firsts.user_id order by days.first_at, days.course_id) = 1
),

origins as (
    select
        visits.user_id,
        members.plan,
        case when members.referrer_id is not null then 'member' else coalesce(visits.referer_host, 'direct') end as referrer,
        members.language,
        members.country,
        courses.course_id as first_course
    from visits
    left join stg_members as members on visits.user_id = members.user_id
    left join courses on visits.user_id = courses.user_id
),

attributes as (
    select *
    from (values ('plan'), ('referrer'), ('language'), ('country'), ('first_course')) as attributes (attribute)
),

valued as (
    select
        origins.user_id,
        attributes.attribute,
        coalesce(
            case attributes.attribute
                when 'plan' then origins.plan
                when 'referrer' then origins.referrer
                when 'language' then origins.language
                when 'country' then origins.country
                else origins.first_course
            end,
            '(unknown)'
        ) as value
    from attributes
    cross join origins
),

final as (
    select *
    from valued
    qualify max(case when value <> '(unknown)' then 1 else 0 end) over (partition by attribute) = 1
)

select * from final
