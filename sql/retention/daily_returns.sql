/*---
description = "How many members came back on a local day who had started so many days before: the pair counting of day cohorts"
kind = "state"
grain = ["event_date", "days_since"]
sort = []
sensitive = true

[incremental]
day = "event_date"
lookback_days = 30

[columns]
event_date = "local day of coming back"
days_since = "days since the day of starting, 0 to 30"
members = "distinct members; pairs without any have no row"

[checks]
not_null = ["event_date", "days_since", "members"]
---*/
-- a set of days as the bits of a number, in blocks of 31: joining a member's days with each other takes several times as long
with marks as (
    select
        user_id,
        event_date,
        starts,
        returns,
        cast(floor(cast(event_date - date '1970-01-01' as double) / 31) as bigint) as block,
        cast((event_date - date '1970-01-01') % 31 as bigint) as place
    from member_days
),

-- bits 31 to 61 are the days of the block, bits 0 to 30 those of the block before
started as (
    select user_id, block, cast(1 as bigint) << (place + 31) as bit from marks where starts > 0
    union all
    select user_id, block + 1 as block, cast(1 as bigint) << place as bit from marks where starts > 0
),

blocks as (
    select user_id, block, cast(sum(bit) as bigint) as bits
    from started
    group by user_id, block
),

-- bit 0 is 30 days before the return, bit 30 its own day
returns as (
    select marks.event_date, (blocks.bits >> (marks.place + 1)) & 2147483647 as bits
    from blocks
    inner join marks on blocks.user_id = marks.user_id and blocks.block = marks.block
    where marks.returns > 0
),

days_before as (
    select unnest(range(0, 31)) as days_since
),

-- equal histories are counted once
histories as (
    select event_date, bits, count(*) as members
    from returns
    where bits > 0
    group by event_date, bits
),

final as (
    select
        histories.event_date,
        cast(days_before.days_since as bigint) as days_since,
        cast(sum(histories.members) as bigint) as members
    from days_before
    cross join histories
    where (histories.bits >> (30 - days_before.days_since)) & 1 = 1
    group by histories.event_date, days_before.days_since
)

select * from final
