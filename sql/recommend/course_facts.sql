/*---
description = "The catalogue: what is known of each course before anybody takes it"
kind = "table"
grain = ["course_id"]
sort = []
sensitive = true

[columns]
course_id = "the site's id of the course"
title = "title of the course"
description = "what the course is about; null = not said"
tags = "subjects of the course, as the site spells them; may be empty"
author_id = "pseudonym of the author; null = not known, or erased"
language = "language code, lowercase; null = not said"
price_cents = "price, hundredths of the currency; null = not sold by itself"
published_at = "instant of publication, UTC"
lessons = "number of lessons; null = not said"

[checks]
not_null = ["course_id", "title", "tags", "published_at"]
---*/
with final as (
    select
        course_id,
        title,
        description,
        tags,
        author_id,
        language,
        price_cents,
        published_at,
        lessons
    from stg_courses
)

select * from final
