/*---
description = "The steps of each funnel, as hachi.toml declares them"
kind = "view"
grain = ["funnel", "step"]
sort = []

[columns]
funnel = "name of the funnel"
step = "place of the step in its funnel, from 1"
kind = "kind of act that is the step"
window_days = "days from the first step within which the others count"

[checks]
not_null = ["funnel", "step", "kind", "window_days"]
---*/
select
    funnel,
    step,
    kind,
    window_days
from raw_funnel_steps
