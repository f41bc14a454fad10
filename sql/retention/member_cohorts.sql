/*---
description = "The day, week and month by which a member belongs to the cohorts of newcomers, and the last one in which the member came back"
kind = "scratch"
grain = ["unit", "user_id"]
sort = []

[columns]
unit = "day, week or month"
user_id = "pseudonym of the member"
first_ever_period = "number of the period of the very first act, as in calendar_periods; null = that act can't start a cohort"
first_matching_period = "number of the period of the first act that can start a cohort; null = none yet"
last_return_period = "number of the last period with an act that counts as coming back; null = none yet"

[checks]
not_null = ["unit", "user_id"]
---*/
with final as (
    select
        firsts.unit,
        members.user_id,
        case when members.first_ever_date is not null then firsts.period end as first_ever_period,
        starts.period as first_matching_period,
        returns.period as last_return_period
    from member_firsts as members
    inner join calendar_periods as firsts on members.first_date = firsts.event_date
    left join calendar_periods as starts
        on members.first_start_date = starts.event_date and firsts.unit = starts.unit
    left join calendar_periods as returns
        on members.last_return_date = returns.event_date and firsts.unit = returns.unit
)

select * from final
