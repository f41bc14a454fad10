//! The files of one run before anyone may see them.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use hachi_snapshot::{FileEntry, Lake};

use super::{ContentHash, PublishError, canonical};
use crate::engine::{EngineError, MasterKey, ParquetFile};

/// A run's place in the lake.
#[derive(Debug, Clone)]
pub struct Draft {
    lake: Lake,
    run_id: String,
}

/// A table written and sealed.
#[derive(Debug, Clone)]
pub struct Written {
    /// The published schema.
    pub schema: SchemaRef,
    /// Rows.
    pub rows: u64,
    /// Logical content, hex.
    pub content_hash: String,
    /// The sealed file.
    pub file: FileEntry,
    /// Sum of the rows' hashes, hex.
    pub row_sum: String,
    /// Where the file is on this machine.
    pub path: PathBuf,
}

impl Draft {
    /// A draft of the run `run_id` in `lake`.
    #[must_use]
    pub fn new(lake: Lake, run_id: &str) -> Self {
        Self { lake, run_id: run_id.to_owned() }
    }

    /// Writes `stream` as the file of `table`, under `key` or as it is, in the order in which rows arrive, and seals it.
    ///
    /// # Errors
    /// When the query behind the stream, the write or the read-back fails.
    pub async fn write(
        &self,
        (table, key): (&str, Option<Arc<MasterKey>>),
        stream: SendableRecordBatchStream,
    ) -> Result<Written, PublishError> {
        self.write_part((table, "part-0"), key, stream).await
    }

    /// The same for the part of `table` named `part`.
    ///
    /// # Errors
    /// As of [`Self::write`].
    pub async fn write_part(
        &self,
        (table, part): (&str, &str),
        key: Option<Arc<MasterKey>>,
        mut stream: SendableRecordBatchStream,
    ) -> Result<Written, PublishError> {
        let convert = |source| PublishError::Convert { table: table.to_owned(), source };
        let schema = canonical::schema(&stream.schema());
        let relative = self.part_path(table, part);
        let path = self.lake.file(&relative)?;
        let mut file = ParquetFile::create(&path, schema.clone(), key.as_deref())?;
        let mut hash = ContentHash::new(&schema).map_err(convert)?;
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(EngineError::query("execute", table))?;
            let batch = canonical::batch(&batch, &schema).map_err(convert)?;
            hash.add(&batch).map_err(convert)?;
            file.write(&batch)?;
        }
        let rows = file.finish()?;
        let file = FileEntry { key: key.map(|key| key.id().to_owned()), ..self.lake.seal(&relative).await?.with_rows(rows) };
        Ok(Written { schema, rows, row_sum: hash.row_sum(), content_hash: hash.finish(), file, path })
    }

    /// Lake-relative path of a part of a table.
    #[must_use]
    pub fn part_path(&self, table: &str, part: &str) -> String {
        format!("data/{}/{table}/{part}.parquet", self.run_id)
    }

    /// Writes and seals a file that is neither a table nor the sidecar's.
    ///
    /// # Errors
    /// When the disk is full.
    pub async fn put(&self, name: &str, bytes: &[u8]) -> Result<FileEntry, PublishError> {
        let relative = format!("data/{}/{name}", self.run_id);
        let path = self.lake.file(&relative)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(EngineError::write(&path))?;
        }
        std::fs::write(&path, bytes).map_err(EngineError::write(&path))?;
        Ok(self.lake.seal(&relative).await?)
    }

    /// Lake-relative path of the sidecar's file.
    #[must_use]
    pub fn serve_path(&self) -> String {
        format!("serve/{}/serve.redb", self.run_id)
    }

    /// The lake it is in.
    #[must_use]
    pub fn lake(&self) -> &Lake {
        &self.lake
    }

    /// Removes what was written; for runs that failed.
    ///
    /// # Errors
    /// When a folder can't be removed.
    pub fn discard(&self) -> std::io::Result<()> {
        for folder in ["data", "serve"] {
            match std::fs::remove_dir_all(self.lake.root().join(folder).join(&self.run_id)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}
