/*---
description = "Members by what became of them in each local day, week and month that has begun by the watermark: new, returning, resurrecting or dormant; any act but a charge is activity, what comes after the watermark is not counted. Periods run from the first with anyone in it; later ones without are rows of zeros"
kind = "table"
grain = ["unit", "period_start"]
sort = []

[columns]
unit = "day, week or month"
period_start = "first local day of the period"
active_members = "members active in the period; null = held back"
returning_members = "active in the period before too; null = held back"
arriving_members = "active, but not in the period before: new plus resurrecting; null = held back"
new_members = "of those arriving, the members who joined in the period; null = held back"
resurrecting_members = "of those arriving, the members who joined in another period: in the first period all who had joined before the data begin; null = held back"
dormant_members = "members active in the period before, but not in this one; null = held back"
previous_members = "members active in the period before; null = held back"
is_complete = "whether the period has ended by the watermark; until then too many are dormant, and too few anything else"

[checks]
not_null = ["unit", "period_start", "is_complete"]
accepted = { unit = ["day", "week", "month"] }

[checks.expressions]
active_adds_up = "active_members = new_members + returning_members + resurrecting_members"
arriving_adds_up = "arriving_members = new_members + resurrecting_members"
previous_adds_up = "returning_members + dormant_members = previous_members"
never_negative = "new_members >= 0 and returning_members >= 0 and resurrecting_members >= 0 and dormant_members >= 0"

[privacy.counts]
active_members = {}
returning_members = { of = "active_members" }
arriving_members = { of = "active_members" }
new_members = { of = "arriving_members" }
resurrecting_members = { of = "arriving_members" }
dormant_members = { of = "previous_members" }
previous_members = {}
---*/
with periods as (
    select distinct unit, period_start from calendar_periods
),

-- the calendar goes one day beyond the watermark: there a period that has ended by it has a next one
ended as (
    select
        unit,
        period_start,
        coalesce(lead(period_start) over (partition by unit order by period_start) <= $watermark + 1, false) as is_complete
    from periods
),

filled as (
    select
        ended.unit,
        ended.period_start,
        ended.is_complete,
        coalesce(counts.active_members, 0) as active_members,
        coalesce(counts.returning_members, 0) as returning_members,
        coalesce(counts.new_members, 0) as new_members,
        coalesce(counts.resurrecting_members, 0) as resurrecting_members
    from ended
    left join lifecycle_counts as counts on ended.unit = counts.unit and ended.period_start = counts.period_start
    where ended.period_start <= $watermark
),

followed as (
    select
        *,
        coalesce(lag(active_members) over (partition by unit order by period_start), 0) as previous_members,
        max(active_members) over (partition by unit order by period_start) as most_so_far
    from filled
),

final as (
    select
        unit,
        period_start,
        active_members,
        returning_members,
        new_members + resurrecting_members as arriving_members,
        new_members,
        resurrecting_members,
        previous_members - returning_members as dormant_members,
        previous_members,
        is_complete
    from followed
    -- before the first act the site has no data on activity, only payments or visitors
    where most_so_far > 0
)

select * from final
