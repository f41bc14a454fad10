/*---
description = "Members: the usable rows, one a member"
kind = "view"
grain = ["user_id"]
sort = []

[columns]
joined_at = "instant of joining, UTC"
local_date = "local day of joining"
user_id = "pseudonym of the member"
referrer_id = "pseudonym of the member who invited; null = nobody"
plan = "plan of the membership; null = not said"
language = "language code, lowercase; null = not said"
country = "country code, uppercase; null = not said"
is_staff = "whether the member works for the community"
no_personalisation = "whether the member refuses personalisation"

[checks]
not_null = ["user_id", "joined_at", "local_date", "is_staff", "no_personalisation"]
---*/
select
    joined_at,
    local_date,
    user_id,
    referrer_id,
    plan,
    language,
    country,
    is_staff,
    no_personalisation
from base_members
where reject_reason is null
