//! A stage's table becomes a table of the snapshot, with what the stage says of it.

use datafusion::execution::SendableRecordBatchStream;
use hachi_snapshot::Table;

use super::RunError;
use super::build::{Builder, columns};
use crate::models::stages::StageTable;

/// Drafts `stream`, whose rows are in the order of the table's grain and made from `key`; the number of rows.
pub(super) async fn write(
    builder: &Builder<'_>,
    (table, key): (&StageTable, &str),
    stream: SendableRecordBatchStream,
) -> Result<u64, RunError> {
    let written = builder.work.draft.write((table.name, builder.master_key(table.name)), stream).await?;
    let describe = |name: &str| table.columns.iter().find(|(n, _)| *n == name).map(|(_, d)| (*d).to_owned()).unwrap_or_default();
    let described = Table {
        name: table.name.to_owned(),
        description: table.description.to_owned(),
        grain: table.grain.iter().map(|&column| column.to_owned()).collect(),
        columns: columns(&written.schema, describe),
        rows: written.rows,
        content_hash: written.content_hash,
        made_from: key.to_owned(),
        files: vec![written.file],
    };
    builder.add(described).await?;
    Ok(written.rows)
}
