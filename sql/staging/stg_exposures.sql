/*---
description = "What members were shown in experiments: the usable rows"
kind = "view"
grain = []
sort = []

[columns]
ts = "instant of the act, UTC"
local_date = "local day of the community"
user_id = "pseudonym of the member"
experiment = "name of the experiment"
variant = "arm that was shown"

[checks]
not_null = ["user_id", "experiment", "variant", "ts", "local_date"]
---*/
select
    ts,
    local_date,
    user_id,
    experiment,
    variant
from base_exposures
where reject_reason is null
