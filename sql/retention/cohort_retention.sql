/*---
description = "How many members of a cohort came back, by local days (to 30), weeks (to 52) and months later, in every period that has begun by the watermark; any act but a charge is activity, and what comes after the watermark is not counted"
kind = "table"
grain = ["unit", "cohort_type", "criterion", "cohort_start", "period_index"]
sort = []

[columns]
unit = "day, week or month"
cohort_type = "first_ever = members whose first active period it is; recurring = all members active in it"
criterion = "on = active in that very period; on_or_after = active in that period or later, so it never rises"
cohort_start = "first local day of the cohort's period"
period_index = "periods after the cohort's, from 0"
cohort_size = "members of the cohort; null = held back"
retained = "those who came back; null = held back"
rate = "retained / cohort_size, 0 to 1; null = held back"
is_complete = "whether the period has ended by the watermark"
suppressed = "whether the cohort, those who came back or those who did not are some, but fewer than min_group"

[checks]
not_null = ["unit", "cohort_type", "criterion", "cohort_start", "period_index", "is_complete", "suppressed"]
accepted = { unit = ["day", "week", "month"], cohort_type = ["first_ever", "recurring"], criterion = ["on", "on_or_after"] }
---*/
with judged as (
    select
        *,
        cohort_size < $min_group
            or (retained > 0 and retained < $min_group)
            or (retained < cohort_size and cohort_size - retained < $min_group) as suppressed
    from retention_counts
),

final as (
    select
        unit,
        cohort_type,
        criterion,
        cohort_start,
        period_index,
        case when not suppressed then cohort_size end as cohort_size,
        case when not suppressed then retained end as retained,
        case when not suppressed then cast(retained as double) / cohort_size end as rate,
        is_complete,
        suppressed
    from judged
)

select * from final
