/*---
description = "Members who refuse personalisation: on the site's list, or by a row of members; nothing is made of their tastes"
kind = "view"
grain = ["user_id"]
sort = []

[columns]
user_id = "pseudonym of the member"

[checks]
not_null = ["user_id"]
---*/
with listed as (
    select user_id from raw_refused
),

-- a refusal counts in any row, even where another one is used
said as (
    select user_id
    from base_members
    where no_personalisation and trim(user_id) <> ''
),

named as (
    select user_id from listed
    union all
    select user_id from said
),

final as (
    select distinct user_id from named
)

select * from final
