/*---
description = "Each subject that members care for, and how rare it is among them"
kind = "scratch"
grain = ["tag"]
sort = []

[columns]
tag = "subject, lowercase"
members = "members who care for it"
tagged_members = "members who care for any subject"
weight_micro = "sum of their weights, millionths"
idf = "inverse document frequency: ln((1 + tagged_members) / (1 + members)) + 1"

[checks]
not_null = ["tag", "members", "tagged_members", "weight_micro", "idf"]
expressions = { is_part = "members between 1 and tagged_members", at_least_one = "idf >= 1" }
---*/
with tags as (
    select tag, count(*) as members, cast(sum(weight_micro) as bigint) as weight_micro
    from member_tags
    group by tag
),

community as (
    select count(distinct user_id) as tagged_members from member_tags
),

final as (
    select
        tags.tag,
        tags.members,
        community.tagged_members,
        tags.weight_micro,
        ln(cast(1 + community.tagged_members as double) / (1 + tags.members)) + 1 as idf
    from tags
    cross join community
)

select * from final
