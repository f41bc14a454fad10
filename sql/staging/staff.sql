/*---
description = "Members who work for the community: what they do is not counted"
kind = "scratch"
grain = ["user_id"]
sort = []

[columns]
user_id = "pseudonym of the member"

[checks]
not_null = ["user_id"]
---*/
select user_id
from stg_members
where is_staff
