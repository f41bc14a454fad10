select
    source,
    rows_read,
    rows_kept,
    rows_rejected
from source_rows
where rows_read > 0
order by source
