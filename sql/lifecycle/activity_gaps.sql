/*---
description = "For each active day of a member the active day before it, and whether the member was active on the next local day: all that lifecycle and streaks need, so that a new day costs no more than itself"
kind = "state"
grain = ["user_id", "event_date"]
sort = []
sensitive = true

[incremental]
day = "event_date"
lookback_days = 61
lookahead_days = 1

[columns]
user_id = "pseudonym of the member"
event_date = "local day of the community"
previous_date = "the member's active day before it; null = none in the 61 days before"
is_followed = "whether the next local day is active too"

[checks]
not_null = ["user_id", "event_date", "is_followed"]
expressions = { in_order = "previous_date is null or (previous_date < event_date and previous_date >= event_date - 61)" }
---*/
with neighbours as (
    select
        user_id,
        event_date,
        lag(event_date) over (partition by user_id order by event_date) as previous_date,
        lead(event_date) over (partition by user_id order by event_date) as next_date
    from member_days
),

final as (
    select
        user_id,
        event_date,
        -- 61 days reach the first day of the previous month from the last of any month
        case when event_date - previous_date <= 61 then previous_date end as previous_date,
        coalesce(next_date - event_date = 1, false) as is_followed
    from neighbours
)

select * from final
