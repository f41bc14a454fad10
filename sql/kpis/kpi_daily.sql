/*---
description = "Each KPI on each of the last 400 local days up to the watermark, and whether it is what the weekday lets expect. A KPI whose raw table the site does not have has no rows, nor has a day with nothing to divide by"
kind = "table"
grain = ["kpi", "event_date"]
sort = []

[columns]
kpi = "name of the KPI, as in kpi_snapshot"
event_date = "local day of the community: the last of the KPI's window"
value = "numerator / denominator, or the numerator where there is no denominator, in the KPI's unit; null = held back"
numerator = "numerator; null = held back"
denominator = "denominator; null = held back, or a plain number"
people = "distinct members or visitors the number rests on; of a share, the fewest of those it is of, those in it and those not in it, but not none; null = held back"
is_complete = "whether the site has data for the whole window, and the number is final"
is_final = "whether the days have passed that the number needs to be final; until then it is held back"
expected = "median of the values of the last 3 same weekdays before; null = one of these is not complete or rests on fewer than min_group people, fewer than 28 of the 56 days before can tell how far off it usually is, or held back"
low = "expected less the largest of: 4 x the mean distance of the values of the 56 days before from what was expected of them, 6 % of expected, 3 of a plain number, 0.015 of a ratio. Never below 0 unless a value was; null as expected"
high = "expected plus the same; of a share never above 1; null as expected"
is_unusual = "whether value lies outside of low to high; null = not complete, nothing to compare with, or held back"

[checks]
not_null = ["kpi", "event_date", "is_complete"]
expressions = { band_in_order = "low is null or (low <= expected and expected <= high)" }

[privacy]
final = "is_final"
counts = { people = {} }
rests = { value = "people", numerator = "people", denominator = "people", expected = "people", low = "people", high = "people", is_unusual = "people" }
---*/
with final as (
    select
        daily.kpi,
        daily.event_date,
        daily.value,
        daily.numerator,
        daily.denominator,
        daily.people,
        daily.is_complete,
        daily.is_final,
        bands.expected,
        bands.low,
        bands.high,
        case when daily.is_complete then daily.value < bands.low or daily.value > bands.high end as is_unusual
    from kpi_points as daily
    left join kpi_bands as bands on daily.kpi = bands.kpi and daily.event_date = bands.event_date
    where daily.event_date > $watermark - 400
)

select * from final
