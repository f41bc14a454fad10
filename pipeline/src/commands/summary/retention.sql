select
    cohort_start,
    cohort_size,
    period_index,
    rate,
    is_complete,
    suppressed
from cohort_retention
where unit = 'week'
    and cohort_type = 'first_ever'
    and criterion = 'on'
    and period_index <= 12
order by cohort_start, period_index
