//! Lines that ingest could not parse, kept beside the raw table, come in as `raw_quarantine`, so that they are counted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::MemTable;

use super::SourceError;
use super::locate::{LocatedFile, files as parquet_files};
use crate::domain::raw_tables::RawTable;
use crate::engine::{Engine, EngineError};

/// Folder of quarantined lines inside a raw table's folder; hidden from readers of data by its `_`.
pub const QUARANTINE_FOLDER: &str = "_quarantine";

const TABLE: &str = "raw_quarantine";

/// A file of quarantined lines, read.
#[derive(Debug, Clone)]
pub struct QuarantineFile(RecordBatch);

/// Quarantined lines of `table`, whose data is at `path`; none is usual.
pub async fn files(table: RawTable, path: &Path) -> Result<Vec<QuarantineFile>, SourceError> {
    let folder: PathBuf = path.join(QUARANTINE_FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let located = match parquet_files(table.name(), &folder).await {
        Err(SourceError::NoFiles { .. }) => Vec::new(),
        other => other?,
    };
    let mut read = Vec::new();
    for file in located {
        read.extend(rows(&file)?);
    }
    Ok(read)
}

fn schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(vec![text("source"), text("source_file"), Field::new("source_row", DataType::Int64, true), text("reason")]))
}

fn rows(file: &LocatedFile) -> Result<Vec<QuarantineFile>, SourceError> {
    let failed = |message: String| SourceError::read(&file.path, 0, message);
    let mut read = Vec::new();
    for batch in file.reader()?.build().map_err(|e| failed(e.to_string()))? {
        let batch = batch.map_err(|e| failed(e.to_string()))?;
        read.push(QuarantineFile(without_text(&batch).map_err(|e| failed(e.to_string()))?));
    }
    Ok(read)
}

/// The line itself stays behind: it may name people.
fn without_text(batch: &RecordBatch) -> Result<RecordBatch, arrow::error::ArrowError> {
    let schema = schema();
    let columns = schema.fields().iter().map(|field| cast(batch.column(batch.schema().index_of(field.name())?), field.data_type()));
    let columns = columns.collect::<Result<Vec<ArrayRef>, _>>()?;
    RecordBatch::try_new(schema, columns)
}

/// Makes `raw_quarantine` known to the engine.
pub fn register(engine: &Engine, files: &[QuarantineFile]) -> Result<(), SourceError> {
    let batches = files.iter().map(|f| f.0.clone()).collect();
    let provider = MemTable::try_new(schema(), vec![batches]).map_err(EngineError::query("register", TABLE))?;
    Ok(engine.register(TABLE, Arc::new(provider))?)
}
