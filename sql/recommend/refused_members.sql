/*---
description = "Members who refuse personalisation, so that the sidecar makes nothing of what they look at either"
sensitive = true
kind = "table"
grain = ["user_id"]
sort = []

[columns]
user_id = "pseudonym of the member"

[checks]
not_null = ["user_id"]
---*/
with final as (
    select user_id from stg_refused
)

select * from final
