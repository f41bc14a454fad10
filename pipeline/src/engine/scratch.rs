//! Scratch tables: computed once in a run, read by several models, gone afterwards.
//!
//! Each partition writes a file of its own, so that all threads write; the order of rows does not matter here.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::DataFrame;
use futures::StreamExt;
use tokio::task::JoinSet;

use super::{Engine, EngineError, ParquetFile};

impl Engine {
    /// Computes `frame` into the scratch folder and makes it known as `table`; the number of rows.
    ///
    /// # Errors
    /// When the query or the write fails.
    pub async fn keep(&self, table: &str, frame: DataFrame) -> Result<u64, EngineError> {
        let schema: SchemaRef = Arc::new(frame.schema().as_arrow().clone());
        let streams = frame.execute_stream_partitioned().await.map_err(EngineError::query("execute", table))?;
        let folder = self.scratch().join(table);
        let mut paths = Vec::new();
        let mut writers = JoinSet::new();
        for (part, stream) in streams.into_iter().enumerate() {
            let path = folder.join(format!("part-{part}.parquet"));
            paths.push(path.clone());
            writers.spawn(write(table.to_owned(), stream, path, Arc::clone(&schema)));
        }
        let mut rows = 0;
        while let Some(written) = writers.join_next().await {
            rows += written.map_err(|e| EngineError::Stopped(table.to_owned(), e.to_string()))??;
        }
        self.register_files(table, &paths, schema).await?;
        Ok(rows)
    }
}

async fn write(table: String, mut stream: SendableRecordBatchStream, path: PathBuf, schema: SchemaRef) -> Result<u64, EngineError> {
    let mut file = ParquetFile::scratch(&path, schema)?;
    while let Some(batch) = stream.next().await {
        file.write(&batch.map_err(EngineError::query("execute", &table))?)?;
    }
    file.finish()
}
