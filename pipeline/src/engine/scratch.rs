//! Scratch tables: computed once in a run, read by several models, gone afterwards.

use std::path::PathBuf;

use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use super::{Engine, EngineError, ParquetFile};

impl Engine {
    /// Writes `stream` into the scratch folder and makes it known as `table`; the number of rows.
    ///
    /// # Errors
    /// When the query behind the stream or the write fails.
    pub async fn keep(&self, table: &str, mut stream: SendableRecordBatchStream) -> Result<u64, EngineError> {
        let schema = stream.schema();
        let path: PathBuf = self.scratch().join(format!("{table}.parquet"));
        let mut file = ParquetFile::create(&path, schema.clone())?;
        while let Some(batch) = stream.next().await {
            file.write(&batch.map_err(EngineError::query("execute", table))?)?;
        }
        let rows = file.finish()?;
        self.register_files(table, &[path], schema).await?;
        Ok(rows)
    }
}
