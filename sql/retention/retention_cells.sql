/*---
description = "Every cell of cohort_retention in exact numbers"
kind = "view"
grain = ["unit", "cohort_type", "criterion", "cohort_start", "period_index"]
sort = []

[columns]
unit = "day, week, month or 24h"
cohort_type = "as in cohort_retention"
criterion = "as in cohort_retention"
cohort_start = "first local day of the cohort"
period_index = "periods after the cohort's, from 0"
cohort_size = "members of the cohort"
retained = "those who came back"
is_complete = "whether the period has ended by the watermark"
---*/
with final as (
    select unit, cohort_type, criterion, cohort_start, period_index, cohort_size, retained, is_complete
    from calendar_cells
    union all
    select
        '24h' as unit,
        'first_ever' as cohort_type,
        'on' as criterion,
        cohort_start,
        period_index,
        cohort_size,
        retained,
        is_complete
    from window_cells
)

select * from final
