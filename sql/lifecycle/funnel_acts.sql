/*---
description = "Acts of the kinds that funnels are made of, without those that no funnel can tell from the act of that kind just before: of acts of one kind in a row on a day only the first is kept, unless a funnel asks for the kind more than once"
kind = "state"
grain = ["user_id", "event_date", "ts", "kind"]
sort = []
sensitive = true

[incremental]
day = "event_date"

[columns]
user_id = "pseudonym of the member"
event_date = "local day of the act"
ts = "instant of the act, UTC; acts of one kind in one instant are one"
kind = "kind of the act"

[checks]
not_null = ["user_id", "event_date", "ts", "kind"]
---*/
with step_kinds as (
    select funnel, kind, count(*) as times
    from stg_funnel_steps
    group by funnel, kind
),

kinds as (
    select kind, max(times) > 1 as is_repeated
    from step_kinds
    group by kind
),

acts as (
    select distinct events.user_id, events.event_date, events.ts, events.kind, kinds.is_repeated
    from kinds
    inner join events on kinds.kind = events.kind
),

instants as (
    select
        *,
        min(kind) over (partition by user_id, event_date, ts) <> max(kind) over (partition by user_id, event_date, ts) as is_mixed
    from acts
),

followed as (
    select
        *,
        lag(kind) over (partition by user_id, event_date order by ts, kind) as previous_kind,
        lag(is_mixed) over (partition by user_id, event_date order by ts, kind) as is_previous_mixed
    from instants
),

-- the next act of a kind after one of another kind is the first of its row, and rows end at instants with several kinds
final as (
    select user_id, event_date, ts, kind
    from followed
    where previous_kind is null or previous_kind <> kind or is_mixed or is_previous_mixed or is_repeated
)

select * from final
