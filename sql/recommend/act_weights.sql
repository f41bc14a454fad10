/*---
description = "What an act on a course says about a member's affinity to it; a kind that is not listed weighs as much as a page view"
kind = "view"
grain = ["kind"]
sort = []

[columns]
kind = "kind of act in events"
weight_micro = "weight, millionths"

[checks]
not_null = ["kind", "weight_micro"]
---*/
with final as (
    select kind, cast(weight_micro as bigint) as weight_micro
    from (values
        ('page_view', 250000),
        ('course_view', 500000),
        ('lesson_view', 1000000),
        ('like', 1000000),
        ('comment', 1000000),
        ('post', 1000000),
        ('topic', 1000000),
        ('reply', 1000000),
        ('answer_accepted', 1000000),
        ('bookmark', 2000000),
        ('follow', 2000000),
        ('share', 2000000),
        ('complete', 5000000),
        -- what a rating says is its distance from the middle of the scale
        ('rating', 0)
    ) as weights (kind, weight_micro)
)

select * from final
