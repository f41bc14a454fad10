/*---
description = "Members by what became of them in each local day, week and month that has begun by the watermark: new, returning, resurrecting or dormant; activity is that of member_days, what comes after the watermark is not counted. Periods run from the first with anyone in it; later ones without are rows of zeros"
kind = "table"
grain = ["unit", "period_start"]
sort = []

[columns]
unit = "day, week or month"
period_start = "first local day of the period"
active_members = "members active in the period; null = held back"
new_members = "of those active, not in the period before, and joined in this one; null = held back"
returning_members = "of those active, in the period before too; null = held back"
resurrecting_members = "of those active, not in the period before, and joined in another one: in the first period all who had joined before the data begin; null = held back"
dormant_members = "members active in the period before, but not in this one; null = held back"
previous_members = "members active in the period before; null = held back"
returning_basis = "returning_members, or the fewest of those that it or dormant_members would tell; null = held back"
resurrecting_basis = "resurrecting_members, or the fewest of the four, but not none, where one is held back; null = held back"
is_complete = "whether the period has ended by the watermark; until then too many are dormant, and too few anything else"

[checks]
not_null = ["unit", "period_start", "is_complete"]
accepted = { unit = ["day", "week", "month"] }

[checks.expressions]
active_adds_up = "active_members = new_members + returning_members + resurrecting_members"
previous_adds_up = "returning_members + dormant_members = previous_members"
never_negative = "new_members >= 0 and returning_members >= 0 and resurrecting_members >= 0 and dormant_members >= 0"

[privacy]
counts = { active_members = {}, previous_members = {}, new_members = { of = "active_members" }, returning_basis = {}, resurrecting_basis = {} }
rests = { returning_members = "returning_basis", dormant_members = "returning_basis", resurrecting_members = "resurrecting_basis" }
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
        ended.*,
        coalesce(counts.active_members, 0) as active_members,
        coalesce(counts.new_members, 0) as new_members,
        coalesce(counts.returning_members, 0) as returning_members,
        coalesce(counts.resurrecting_members, 0) as resurrecting_members,
        coalesce(lag(counts.active_members) over periods, 0) as previous_members,
        max(counts.active_members) over periods as most_so_far
    from ended
    left join lifecycle_counts as counts on ended.unit = counts.unit and ended.period_start = counts.period_start
    where ended.period_start <= $watermark
    window periods as (partition by ended.unit order by ended.period_start)
),

-- active = new + returning + resurrecting, previous = returning + dormant: what is held back of each sum is two numbers or
-- more, min_group together. A few new take resurrecting along, and returning too unless these two leave open how many
judged as (
    select
        *,
        previous_members - returning_members as dormant_members,
        least(
            nullif(returning_members, 0),
            nullif(previous_members - returning_members, 0),
            nullif(resurrecting_members, 0),
            case when new_members + resurrecting_members < 2 * $min_group then nullif(new_members, 0) end
        ) as fewest_by_returning
    from filled
    -- before the first act the site has no data on activity, only payments or visitors
    where most_so_far > 0
),

final as (
    select
        unit,
        period_start,
        active_members,
        new_members,
        returning_members,
        resurrecting_members,
        dormant_members,
        previous_members,
        case when fewest_by_returning < $min_group then fewest_by_returning else returning_members end as returning_basis,
        case
            when least(fewest_by_returning, nullif(new_members, 0)) < $min_group
                then least(fewest_by_returning, nullif(new_members, 0))
            else resurrecting_members
        end as resurrecting_basis,
        is_complete
    from judged
)

select * from final
