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
        let parts = self.keep_parts((table, "part"), frame).await?;
        let paths: Vec<PathBuf> = parts.iter().map(|(path, _)| path.clone()).collect();
        self.register_files(table, &paths, schema).await?;
        Ok(parts.iter().map(|(_, rows)| rows).sum())
    }

    /// Computes `frame` into files of the scratch folder of `table` whose names begin with `name`; each with its rows.
    ///
    /// # Errors
    /// When the query or the write fails.
    pub async fn keep_parts(&self, (table, name): (&str, &str), frame: DataFrame) -> Result<Vec<(PathBuf, u64)>, EngineError> {
        let schema: SchemaRef = Arc::new(frame.schema().as_arrow().clone());
        let streams = frame.execute_stream_partitioned().await.map_err(EngineError::query("execute", table))?;
        let folder = self.scratch().join(table);
        let mut writers = JoinSet::new();
        for (part, stream) in streams.into_iter().enumerate() {
            let path = folder.join(format!("{name}-{part}.parquet"));
            writers.spawn(write(table.to_owned(), stream, path, Arc::clone(&schema)));
        }
        let mut parts = Vec::new();
        while let Some(written) = writers.join_next().await {
            parts.push(written.map_err(|e| EngineError::Stopped(table.to_owned(), e.to_string()))??);
        }
        parts.sort();
        Ok(parts)
    }
}

async fn write(
    table: String,
    mut stream: SendableRecordBatchStream,
    path: PathBuf,
    schema: SchemaRef,
) -> Result<(PathBuf, u64), EngineError> {
    let mut file = ParquetFile::scratch(&path, schema)?;
    while let Some(batch) = stream.next().await {
        file.write(&batch.map_err(EngineError::query("execute", &table))?)?;
    }
    let rows = file.finish()?;
    Ok((path, rows))
}
