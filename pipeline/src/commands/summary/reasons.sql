select
    source,
    reason,
    count(*) as rows_rejected
from rejects
group by source, reason
order by rows_rejected desc, source, reason
