//! A stage's table becomes a table of the snapshot, with what the stage says of it.

use std::sync::Arc;

use datafusion::execution::SendableRecordBatchStream;

use super::RunError;
use super::build::Builder;
use crate::models::stages::StageTable;

/// Drafts `stream`, whose rows are in the order of the table's grain; the number of rows.
pub(super) async fn write(builder: &mut Builder<'_>, table: &StageTable, stream: SendableRecordBatchStream) -> Result<u64, RunError> {
    let written = builder.draft.write(table.name, stream).await?;
    let rows = written.rows;
    builder.engine.register_files(table.name, std::slice::from_ref(&written.path), Arc::clone(&written.schema)).await?;
    let grain: Vec<String> = table.grain.iter().map(|&column| column.to_owned()).collect();
    let describe = |name: &str| table.columns.iter().find(|(n, _)| *n == name).map(|(_, d)| (*d).to_owned()).unwrap_or_default();
    builder.add(table.name, (table.description, &grain), written, describe);
    Ok(rows)
}
