/*---
description = "Courses: the usable rows, one a course"
kind = "view"
grain = ["course_id"]
sort = []

[columns]
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

[checks]
not_null = ["course_id", "title", "tags", "published_at", "local_date"]
---*/
select
    course_id,
    title,
    tags,
    author_id,
    published_at,
    local_date,
    lessons,
    language,
    price_cents,
    description
from base_courses
where reject_reason is null
