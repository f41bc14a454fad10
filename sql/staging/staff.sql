/*---
description = "Members who work for the community, from the day they joined: what they do is not counted"
kind = "state"
grain = ["user_id"]
sort = []
sensitive = true
since = "joined_date"

[columns]
user_id = "pseudonym of the member"
joined_date = "local day of joining"

[checks]
not_null = ["user_id", "joined_date"]
---*/
select user_id, local_date as joined_date
from stg_members
where is_staff
