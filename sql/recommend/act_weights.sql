/*---
description = "What an act on a course says about a member's affinity to it: as [recommend.weights] declares, else as here; a kind that is in neither weighs 0.25"
kind = "view"
grain = ["kind"]
sort = []

[columns]
kind = "kind of act in events"
weight_micro = "weight, millionths"

[checks]
not_null = ["kind", "weight_micro"]
---*/
with defaults as (
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
),

final as (
    select
        coalesce(declared.kind, defaults.kind) as kind,
        coalesce(declared.weight_micro, defaults.weight_micro) as weight_micro
    from defaults
    full join stg_act_weights as declared on defaults.kind = declared.kind
)

select * from final
