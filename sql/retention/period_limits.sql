/*---
description = "How far retention looks: days to 30, weeks to 52, months without end, windows of 24 hours to 30"
kind = "view"
grain = ["unit"]
sort = []

[columns]
unit = "day, week, month or 24h"
max_index = "largest period_index"

[checks]
not_null = ["unit", "max_index"]
---*/
with final as (
    select unit, cast(max_index as bigint) as max_index
    from (values ('day', 30), ('week', 52), ('month', 1000000), ('24h', 30)) as limits (unit, max_index)
)

select * from final
