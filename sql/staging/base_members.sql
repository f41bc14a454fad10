/*---
description = "Every raw row of members, cleaned, with the first reason that keeps it from being used; the first usable row of a member counts"
kind = "scratch"
grain = ["source_file", "source_row"]
sort = []

[columns]
source_file = "file the row came from"
source_row = "position of the row in its file, from 1"
joined_at = "instant of joining, UTC"
local_date = "local day of joining"
user_id = "pseudonym of the member"
referrer_id = "pseudonym of the member who invited; null = nobody"
plan = "plan of the membership; null = not said"
language = "language code, lowercase; null = not said"
country = "country code, uppercase; null = not said"
is_staff = "whether the member works for the community"
no_personalisation = "whether the member refuses personalisation"
reject_reason = "why the row can't be used; null = it can"

[checks]
not_null = ["source_file", "source_row", "is_staff", "no_personalisation"]
---*/
with judged as (
    select
        *,
        case
            when problem is not null then problem
            when user_id is null or trim(user_id) = '' then '`user_id` is missing'
            when joined_at is null then '`joined_at` is missing'
            when joined_at < timestamptz '1970-01-01T00:00:00Z' then '`joined_at` is before 1970-01-01'
            when joined_at > $as_of then '`joined_at` is after as_of'
        end as own_reason
    from raw_members
),

numbered as (
    select
        *,
        -- a row that can't be used must not push out one that can
        row_number() over (
            partition by user_id, own_reason is null
            order by source_file, source_row
        ) as copy
    from judged
),

final as (
    select
        source_file,
        source_row,
        joined_at,
        local_date,
        user_id,
        nullif(trim(referrer_id), '') as referrer_id,
        nullif(trim(plan), '') as plan,
        lower(nullif(trim(language), '')) as language,
        upper(nullif(trim(country), '')) as country,
        coalesce(is_staff, false) as is_staff,
        coalesce(no_personalisation, false) as no_personalisation,
        case
            when own_reason is not null then own_reason
            when copy > 1 then 'duplicate `user_id`'
        end as reject_reason
    from numbered
)

select * from final
