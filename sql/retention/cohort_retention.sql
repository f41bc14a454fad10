/*---
description = "How many members of a cohort came back, by local days (to 30), weeks (to 52) and months later, and by 24 hours after each member's own first act (to 30), in every period that has begun by the watermark; what comes after the watermark is not counted"
kind = "table"
grain = ["unit", "cohort_type", "criterion", "cohort_start", "period_index"]
sort = []

[columns]
unit = "day, week, month, or 24h = windows of 24 hours from the member's own first act, for first_ever and on only, and only where every act counts as coming back"
cohort_type = "first_ever = members whose very first act lies in the period and can start a cohort; first_matching = members whose first act that can start one lies in it, over all history; recurring = all members with such an act in it"
criterion = "on = came back in that very period, for period 0 in the cohort's own; on_or_after = came back in that period or later, so it never rises"
cohort_start = "first local day of the cohort's period; for 24h the local day of the first act"
period_index = "periods after the cohort's, from 0; for 24h the number of the window"
cohort_size = "members of the cohort; null = held back"
retained = "those with an act that counts as coming back: in period 0 all of them where every act does; null = held back"
rate = "retained / cohort_size, 0 to 1; null = held back"
is_complete = "whether the period has ended by the watermark; for 24h whether it has for every member of the cohort"

[checks]
not_null = ["unit", "cohort_type", "criterion", "cohort_start", "period_index", "is_complete"]

[checks.accepted]
unit = ["day", "week", "month", "24h"]
cohort_type = ["first_ever", "first_matching", "recurring"]
criterion = ["on", "on_or_after"]

[checks.expressions]
a_part_of_the_cohort = "coalesce(retained between 0 and cohort_size, true)"
no_24h_on_or_after = "unit <> '24h' or (criterion = 'on' and cohort_type = 'first_ever')"

[privacy]
final = "is_complete"
counts = { cohort_size = { by = ["unit", "cohort_type", "criterion", "cohort_start"] }, retained = { of = "cohort_size" } }
ratios = { rate = ["retained", "cohort_size"] }
---*/
with final as (
    select
        unit,
        cohort_type,
        criterion,
        cohort_start,
        period_index,
        cohort_size,
        retained,
        cast(retained as double) / cohort_size as rate,
        is_complete
    from retention_cells
)

select * from final
