/*---
description = "Members whose lists may know them: all but those who refuse personalisation"
kind = "view"
grain = ["user_id"]
sort = []

[columns]
user_id = "pseudonym of the member"
language = "language code, lowercase; null = not said"

[checks]
not_null = ["user_id"]
---*/
with final as (
    select members.user_id, members.language
    from stg_members as members
    left join stg_refused as refused on members.user_id = refused.user_id
    where refused.user_id is null
)

select * from final
