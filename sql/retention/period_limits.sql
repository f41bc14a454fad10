/*---
description = "How far retention looks: days to 30, weeks to 52, months without end"
kind = "view"
grain = ["unit"]
sort = []

[columns]
unit = "day, week or month"
max_index = "largest period_index"

[checks]
not_null = ["unit", "max_index"]
---*/
with final as (
    select unit, cast(max_index as bigint) as max_index
    from (values ('day', 30), ('week', 52), ('month', 1000000)) as limits (unit, max_index)
)

select * from final
