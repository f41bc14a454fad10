/*---
description = "The days, weeks and months in which a member started or came back, up to the watermark"
kind = "view"
grain = []
sort = []

[columns]
unit = "day, week or month"
user_id = "pseudonym of the member"
period = "number of the period, as in calendar_periods"
is_start = "whether the row says that the member started in it; at most one row a period does"
is_return = "whether the row says that the member came back in it; at most one row a period does"
---*/
with final as (
    select
        'day' as unit,
        user_id,
        cast(event_date - date '1970-01-01' as bigint) as period,
        starts > 0 as is_start,
        returns > 0 as is_return
    from member_days
    where event_date <= $watermark
    union all
    select unit, user_id, period, is_start, is_return
    from member_periods
    where event_date <= $watermark
)

select * from final
