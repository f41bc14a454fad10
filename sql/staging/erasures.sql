/*---
description = "One row per member whom `hachi forget` erased: the proof that it was done, which names nobody"
kind = "table"
grain = ["proof"]
sort = []

[columns]
proof = "keyed hash of the id, no pseudonym: whoever holds the key is told it by `hachi forget --dry-run`"
erased_on = "local day on which it was asked for"
last_snapshot = "number of the last snapshot that may have held the member, which was collected; null = nothing was published yet"
tables_touched = "tables that held the member then, published or kept for the next run"
rows_removed = "their rows that named the member"

[checks]
not_null = ["proof", "erased_on", "tables_touched", "rows_removed"]
---*/
select proof, erased_on, last_snapshot, tables_touched, rows_removed
from raw_erased
