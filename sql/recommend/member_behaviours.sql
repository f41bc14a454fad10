/*---
description = "The behaviour matrix in long form: subjects by their share, counts as ln(1 + n); what is zero has no row, nor have members who refuse personalisation"
kind = "table"
grain = ["user_id", "behaviour"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member"
behaviour = "tag:<subject>, or a column of engagement_features"
value = "share 0 to 1, or ln(1 + n), to 6 decimals"

[checks]
not_null = ["user_id", "behaviour", "value"]
---*/
with features as (
    select user_id, 'tenure_days' as behaviour, tenure_days as n from engagement_features
    union all
    select user_id, 'active_days_30' as behaviour, active_days_30 as n from engagement_features
    union all
    select user_id, 'active_days_90' as behaviour, active_days_90 as n from engagement_features
    union all
    select user_id, 'sessions_30' as behaviour, sessions_30 as n from engagement_features
    union all
    select user_id, 'page_views_30' as behaviour, page_views_30 as n from engagement_features
    union all
    select user_id, 'lesson_views_30' as behaviour, lesson_views_30 as n from engagement_features
    union all
    select user_id, 'courses_30' as behaviour, courses_30 as n from engagement_features
    union all
    select user_id, 'interactions_30' as behaviour, interactions_30 as n from engagement_features
    union all
    select user_id, 'ratings' as behaviour, ratings as n from engagement_features
    union all
    select user_id, 'is_paying' as behaviour, case when is_paying then 1 else 0 end as n from engagement_features
),

behaviours as (
    select user_id, concat('tag:', tag) as behaviour, share as value
    from interest_tags
    union all
    select user_id, behaviour, ln(1 + cast(n as double)) as value
    from features
    where n > 0
),

final as (
    select
        behaviours.user_id,
        behaviours.behaviour,
        round(behaviours.value * 1000000) / 1000000 as value
    from behaviours
    left join stg_refused as refused on behaviours.user_id = refused.user_id
    where refused.user_id is null and round(behaviours.value * 1000000) > 0
)

select * from final
