/*---
description = "Every KPI of the registry: what it means"
kind = "view"
grain = ["kpi"]

[columns]
kpi = "name of the KPI"
title = "name for people"
numerator = "what is counted above the line"
denominator = "what is counted below the line; null = a plain number"
window_days = "days that the number looks back on, the day itself included"
maturity_days = "days after the window until the number is final"
unit = "unit of the number"
direction = "up = more is better, down = less is, none = neither"
is_share = "whether the numerator is a part of the denominator"
---*/
select
    '' as kpi,
    '' as title,
    '' as numerator,
    '' as denominator,
    cast(0 as int) as window_days,
    cast(0 as int) as maturity_days,
    '' as unit,
    '' as direction,
    false as is_share
where false
