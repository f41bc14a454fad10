/*---
description = "Spans of periods that retention is told for as one number, as hachi.toml declares them"
kind = "view"
grain = ["unit", "first_index"]
sort = []

[columns]
unit = "day, week or month"
first_index = "first period of the bracket; 0 = the cohort's own"
last_index = "last period of the bracket; null = it has no end"

[checks]
not_null = ["unit", "first_index"]
accepted = { unit = ["day", "week", "month"] }
---*/
select
    unit,
    first_index,
    last_index
from raw_retention_brackets
