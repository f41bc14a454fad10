/*---
description = "What the community cares for: each subject with the members who care for it and their weights"
kind = "table"
grain = ["tag"]
sort = []

[columns]
tag = "subject, lowercase"
members = "members who care for it: with a weight above 0 in interest_tags; null = held back"
tagged_members = "members who care for any subject; null = held back"
weight = "sum of their weights (see interest_tags), to 6 decimals; null = held back"
idf = "how rare the subject is, ln((1 + tagged_members) / (1 + members)) + 1: 1 = everyone's; null = held back"

[checks]
not_null = ["tag"]
expressions = { is_part = "members <= tagged_members" }

[privacy]
counts = { members = { of = "tagged_members" }, tagged_members = {} }
rests = { weight = "members", idf = "members" }
---*/
with final as (
    select tag, members, tagged_members, cast(weight_micro as double) / 1000000 as weight, idf
    from tag_numbers
)

select * from final
