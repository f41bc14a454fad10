//! Scratch tables: computed once in a run, read by several models, gone afterwards.
//!
//! Each partition writes a file of its own, so that all threads write; the order of rows does not matter here. Where a site has
//! keys they are encrypted under one that nobody has once the process is gone.

use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::DataFrame;
use futures::StreamExt;
use tokio::task::JoinSet;

use super::{Engine, EngineError, Keyring, ParquetFile};

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
            writers.spawn(write(table.to_owned(), stream, path, (Arc::clone(&schema), self.keys().clone())));
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
    (schema, keys): (SchemaRef, Keyring),
) -> Result<(PathBuf, u64), EngineError> {
    let mut file = ParquetFile::scratch(&path, schema, keys.scratch())?;
    while let Some(batch) = stream.next().await {
        file.write(&batch.map_err(EngineError::query("execute", &table))?)?;
    }
    let rows = file.finish()?;
    Ok((path, rows))
}

#[cfg(test)]
mod tests {
    use hachi_snapshot::KEY_BYTES;

    use super::*;
    use crate::engine::{EngineOptions, MasterKey, Writes};

    const OPTIONS: EngineOptions = EngineOptions { threads: 1, memory_bytes: 64 << 20 };

    async fn kept(keys: &Keyring) -> Vec<u8> {
        let scratch = tempfile::tempdir().expect("a writable folder");
        let engine = Engine::open(OPTIONS, keys, scratch.path()).expect("an engine opens");
        let frame = engine.plan("t", "select 'somebody' as user_id").await.expect("a plan");
        assert_eq!(engine.keep("t", frame).await.expect("kept"), 1);
        let rows = engine.table("t").await.expect("a table").collect().await.expect("readable");
        assert_eq!(rows.iter().map(|batch| batch.num_rows()).sum::<usize>(), 1);
        std::fs::read(scratch.path().join("t/part-0.parquet")).expect("a file")
    }

    #[tokio::test]
    async fn what_is_kept_is_encrypted_where_there_are_keys() {
        let key = MasterKey::new("a", &[7; KEY_BYTES]).expect("a key");
        let with = Keyring::new(vec![key], Writes::Encrypted).expect("random numbers");
        assert!(kept(&Keyring::default()).await.starts_with(b"PAR1"));
        assert!(kept(&with).await.starts_with(b"PARE"));
    }
}
