/*---
description = "Retention over all cohorts together: retained members / members, summed over the complete cells of cohorts with min_group members or more, however many came back"
kind = "table"
grain = ["unit", "cohort_type", "criterion", "period_index"]
sort = []

[columns]
unit = "day, week, month or 24h, as in cohort_retention"
cohort_type = "first_ever, first_matching or recurring, as in cohort_retention"
criterion = "on or on_or_after, as in cohort_retention"
period_index = "periods after the cohort's, from 0"
cohorts = "cohorts in the sums; null = held back"
cohorts_left_out = "cohorts with a complete cell that are not in them, because they have fewer than min_group members; null = held back"
size = "members of these cohorts; in recurring ones a member counts in each; null = held back"
retained = "those who came back; null = held back"
fewest = "the fewest of size, those who came back and those who did not, but not none: what the row rests on; null = held back"
rate = "retained / size, 0 to 1; null = held back"
low = "lower end of the 95 % Wilson interval of rate, which takes members as independent; null = held back"
high = "upper end of it; null = held back"

[checks]
not_null = ["unit", "cohort_type", "criterion", "period_index"]

[checks.accepted]
unit = ["day", "week", "month", "24h"]
cohort_type = ["first_ever", "first_matching", "recurring"]
criterion = ["on", "on_or_after"]

[checks.expressions]
inside_the_interval = "coalesce(rate between low - 1e-9 and high + 1e-9, true)"

[privacy]
counts = { fewest = {} }

# together, so that no two numbers of a row are of different snapshots
[privacy.rests]
cohorts = "fewest"
cohorts_left_out = "fewest"
size = "fewest"
retained = "fewest"
rate = "fewest"
low = "fewest"
high = "fewest"
---*/
-- never by how many came back: without the cells in which few did the rest would say too little, or too much
with judged as (
    select *, cohort_size >= $min_group as is_summed
    from retention_cells
    where is_complete
),

sums as (
    select
        unit,
        cohort_type,
        criterion,
        period_index,
        count(*) filter (where is_summed) as cohorts,
        count(*) filter (where not is_summed) as cohorts_left_out,
        cast(sum(cohort_size) filter (where is_summed) as bigint) as size,
        cast(sum(retained) filter (where is_summed) as bigint) as retained
    from judged
    group by unit, cohort_type, criterion, period_index
),

rates as (
    select *, cast(retained as double) / size as rate, 1.959963984540054 as z from sums where cohorts > 0
),

-- Wilson: (rate + z²/2n ± z √(rate (1 − rate)/n + z²/4n²)) / (1 + z²/n)
terms as (
    select
        *,
        rate + z * z / (2 * size) as middle,
        z * sqrt(rate * (1 - rate) / size + z * z / (4 * cast(size as double) * size)) as reach,
        1 + z * z / size as scale
    from rates
),

final as (
    select
        unit,
        cohort_type,
        criterion,
        period_index,
        cohorts,
        cohorts_left_out,
        size,
        retained,
        least(size, coalesce(nullif(retained, 0), size), coalesce(nullif(size - retained, 0), size)) as fewest,
        rate,
        -- nobody and everybody have an end of the interval that is exact
        case when retained = 0 then cast(0 as double) else (middle - reach) / scale end as low,
        case when retained = size then cast(1 as double) else (middle + reach) / scale end as high
    from terms
)

select * from final
