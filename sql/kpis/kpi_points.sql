/*---
description = "Each KPI on each local day it is given for, in exact numbers, not published; a day with nothing to divide by has no row"
kind = "scratch"
grain = ["kpi", "event_date"]
sort = []

[columns]
kpi = "name of the KPI, as in kpi_registry"
event_date = "local day of the community: the last of the KPI's window"
first_date = "first local day that the KPI is given for, with or without anything to divide by"
value = "numerator / denominator, or the numerator where there is no denominator, in the KPI's unit"
numerator = "numerator, or the number itself"
denominator = "denominator; null = a plain number"
people = "distinct members or visitors the number rests on; of a share, the fewest of those it is of, those in it and those not in it, but not none"
is_complete = "whether the site has data for the whole window, and the number is final"
is_final = "whether the days have passed that the number needs to be final"

[checks]
not_null = ["kpi", "event_date", "first_date", "value", "numerator", "people", "is_complete"]
---*/
with counted as (
    select
        *,
        -- a window is whole if the KPI was there on its first day: raw tables may begin on different days
        min(event_date) over (partition by kpi) as first_date
    from kpi_values
),

final as (
    select
        counted.kpi,
        counted.event_date,
        counted.first_date,
        case
            when counted.denominator is null then cast(counted.numerator as double)
            else cast(counted.numerator as double) / counted.denominator
        end as value,
        counted.numerator,
        counted.denominator,
        case
            when registry.is_share
                then least(
                    counted.people,
                    coalesce(nullif(counted.numerator, 0), counted.people),
                    coalesce(nullif(counted.denominator - counted.numerator, 0), counted.people)
                )
            else counted.people
        end as people,
        counted.event_date - registry.window_days + 1 >= counted.first_date
            and counted.event_date + registry.maturity_days <= $watermark as is_complete,
        counted.event_date + registry.maturity_days <= $watermark as is_final
    from kpi_registry as registry
    inner join counted on registry.kpi = counted.kpi
    where counted.denominator is null or counted.denominator > 0
)

select * from final
