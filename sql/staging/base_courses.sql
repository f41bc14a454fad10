/*---
description = "Every raw row of courses, cleaned, with the first reason that keeps it from being used; the first usable row of a course counts"
kind = "scratch"
grain = ["source_file", "source_row"]
sort = []

[columns]
source_file = "file the row came from"
source_row = "position of the row in its file, from 1"
course_id = "the site's id of the course"
title = "title of the course"
tags = "subjects of the course, as the site spells them; may be empty"
author_id = "pseudonym of the author; null = not known, or erased"
published_at = "instant of publication, UTC"
local_date = "local day of publication"
lessons = "number of lessons; null = not said"
language = "language code, lowercase; null = not said"
price_cents = "price, hundredths of the currency; null = not sold by itself"
description = "what the course is about; null = not said"
reject_reason = "why the row can't be used; null = it can"

[checks]
not_null = ["source_file", "source_row"]
---*/
with judged as (
    select
        *,
        case
            when problem is not null then problem
            when course_id is null or trim(course_id) = '' then '`course_id` is missing'
            when title is null or trim(title) = '' then '`title` is missing'
            when tags is null then '`tags` is missing'
            -- null also where the author was erased, whose courses stay
            when trim(author_id) = '' then '`author_id` is missing'
            when published_at is null then '`published_at` is missing'
            when published_at > $as_of then '`published_at` is after as_of'
            when lessons < 0 then '`lessons` is below 0'
            when price_cents < 0 then '`price_cents` is below 0'
        end as own_reason
    from raw_courses
),

numbered as (
    select
        *,
        -- a row that can't be used must not push out one that can
        row_number() over (
            partition by course_id, own_reason is null
            order by source_file, source_row
        ) as copy
    from judged
),

final as (
    select
        source_file,
        source_row,
        course_id,
        trim(title) as title,
        tags,
        author_id,
        published_at,
        local_date,
        lessons,
        lower(nullif(trim(language), '')) as language,
        price_cents,
        description,
        case
            when own_reason is not null then own_reason
            when copy > 1 then 'duplicate `course_id`'
        end as reject_reason
    from numbered
)

select * from final
