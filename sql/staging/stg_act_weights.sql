/*---
description = "What acts on a course weigh, as hachi.toml declares it"
kind = "view"
grain = ["kind"]
sort = []

[columns]
kind = "kind of act"
weight_micro = "weight, millionths"

[checks]
not_null = ["kind", "weight_micro"]
---*/
select
    kind,
    weight_micro
from raw_act_weights
