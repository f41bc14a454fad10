/*---
description = "Each KPI on each of the last 400 local days up to the watermark; what rests on fewer than min_group members, or on all of them but so few, is held back. A KPI whose raw table the site does not have has no rows"
kind = "table"
grain = ["kpi", "event_date"]
sort = []

[columns]
kpi = "name of the KPI, as in kpi_snapshot"
event_date = "local day of the community: the last of the KPI's window"
value = "numerator / denominator, or the numerator where there is no denominator, in the KPI's unit; null = held back, or nothing to divide by"
numerator = "numerator; null = held back"
denominator = "denominator; null = held back, or a plain number"
is_complete = "whether the site has data for the whole window"
suppressed = "whether the number is held back"

[checks]
not_null = ["kpi", "event_date", "is_complete", "suppressed"]
---*/
with judged as (
    select
        counts.kpi,
        counts.event_date,
        counts.numerator,
        counts.denominator,
        counts.event_date - catalog.window_days + 1 >= counts.first_date as is_complete,
        (counts.people > 0 and counts.people < $min_group)
            or (catalog.is_share and counts.numerator > 0 and counts.numerator < $min_group)
            or (
                catalog.is_share
                and counts.numerator < counts.denominator
                and counts.denominator - counts.numerator < $min_group
            ) as suppressed
    from kpi_counts as counts
    inner join kpi_catalog as catalog on counts.kpi = catalog.kpi
    where counts.event_date > $watermark - 400
),

final as (
    select
        kpi,
        event_date,
        case
            when suppressed then null
            when denominator is null then cast(numerator as double)
            else cast(numerator as double) / nullif(denominator, 0)
        end as value,
        case when not suppressed then numerator end as numerator,
        case when not suppressed then denominator end as denominator,
        is_complete,
        coalesce(suppressed, false) as suppressed
    from judged
)

select * from final
