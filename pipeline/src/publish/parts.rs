//! Writes the rows of a table that is built by day: a file holds whole days, and as many of them as make it worth while.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, SchemaRef};
use chrono::NaiveDate;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use hachi_snapshot::{FileEntry, Part};

use super::{ContentHash, Draft, PublishError, canonical};
use crate::engine::{EngineError, MasterKey, ParquetFile};

/// Writes batches that arrive by day into the files of their days.
pub struct PartsWriter {
    draft: Draft,
    table: String,
    day: String,
    schema: SchemaRef,
    key: Option<Arc<MasterKey>>,
    barriers: Vec<i32>,
    open: Option<OpenPart>,
    files: Vec<FileEntry>,
}

/// A file that still takes rows.
struct OpenPart {
    relative: String,
    file: ParquetFile,
    hash: ContentHash,
    first: Option<i32>,
    last: Option<i32>,
}

impl PartsWriter {
    /// A file with this many rows takes no further day.
    pub const ENOUGH_ROWS: u64 = 1 << 17;

    /// For the rows of `table`, whose local day is in the column `day`. No file spans one of the days `barriers`: an older file,
    /// which stays, begins there.
    #[must_use]
    pub fn new(draft: Draft, (table, day): (&str, &str), schema: SchemaRef, barriers: Vec<i32>) -> Self {
        Self { draft, table: table.to_owned(), day: day.to_owned(), schema, key: None, barriers, open: None, files: Vec::new() }
    }

    /// The same, with files under `key`.
    #[must_use]
    pub fn under(self, key: Option<Arc<MasterKey>>) -> Self {
        Self { key, ..self }
    }

    /// Writes all rows of `stream`, which come by day, those without a day first; the sealed files.
    ///
    /// # Errors
    /// When the query behind the stream, a write or the read-back fails.
    pub async fn write_all(mut self, mut stream: SendableRecordBatchStream) -> Result<Vec<FileEntry>, PublishError> {
        while let Some(batch) = stream.next().await {
            let batch = batch.map_err(EngineError::query("execute", &self.table))?;
            let batch = canonical::batch(&batch, &self.schema).map_err(|source| self.wrong(source))?;
            self.write(&batch).await?;
        }
        self.close().await?;
        Ok(self.files)
    }

    /// Writes a file without rows, which says what the columns are; the sealed file.
    ///
    /// # Errors
    /// When the write or the read-back fails.
    pub async fn write_none(mut self) -> Result<Vec<FileEntry>, PublishError> {
        self.open = Some(self.create(None)?);
        self.close().await?;
        Ok(self.files)
    }

    fn wrong(&self, source: arrow::error::ArrowError) -> PublishError {
        PublishError::Convert { table: self.table.clone(), source }
    }

    async fn write(&mut self, batch: &RecordBatch) -> Result<(), PublishError> {
        let position = self.schema.index_of(&self.day).map_err(|source| self.wrong(source))?;
        let days = batch.column(position).as_primitive::<Date32Type>().clone();
        let day = |row: usize| days.is_valid(row).then(|| days.value(row));
        let mut start = 0;
        for row in 1..=batch.num_rows() {
            if row < batch.num_rows() && !self.is_cut(day(row - 1), day(row), (row - start) as u64) {
                continue;
            }
            self.append(&batch.slice(start, row - start), (day(start), day(row - 1))).await?;
            start = row;
        }
        Ok(())
    }

    /// Whether a file ends between two neighbouring rows, the first of which is the last of `waiting` rows not written yet.
    fn is_cut(&self, before: Option<i32>, after: Option<i32>, waiting: u64) -> bool {
        let is_full = || self.open.as_ref().map_or(0, |open| open.hash.rows()) + waiting >= Self::ENOUGH_ROWS;
        before != after && (before.is_none() || is_full() || self.is_barred(before, after))
    }

    fn is_barred(&self, before: Option<i32>, after: Option<i32>) -> bool {
        before.zip(after).is_some_and(|(before, after)| self.barriers.iter().any(|b| before < *b && *b <= after))
    }

    async fn append(&mut self, rows: &RecordBatch, (first, last): (Option<i32>, Option<i32>)) -> Result<(), PublishError> {
        let ends = self.open.as_ref().is_some_and(|open| {
            open.last != first && (open.last.is_none() || open.hash.rows() >= Self::ENOUGH_ROWS || self.is_barred(open.last, first))
        });
        if ends {
            self.close().await?;
        }
        if self.open.is_none() {
            self.open = Some(self.create(first)?);
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        open.last = last;
        let added = open.hash.add(rows);
        open.file.write(rows)?;
        added.map_err(|source| self.wrong(source))
    }

    fn create(&self, first: Option<i32>) -> Result<OpenPart, PublishError> {
        let relative = self.draft.part_path(&self.table, &part_name(date(first)));
        let path: PathBuf = self.draft.lake().file(&relative)?;
        let file = ParquetFile::create(&path, self.schema.clone(), self.key.as_deref())?;
        let hash = ContentHash::new(&self.schema).map_err(|source| self.wrong(source))?;
        Ok(OpenPart { relative, file, hash, first, last: first })
    }

    async fn close(&mut self) -> Result<(), PublishError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let rows = open.file.finish()?;
        let part = Part { first: date(open.first), last: date(open.last), row_sum: open.hash.row_sum() };
        let sealed = self.draft.lake().seal(&open.relative).await?.with_rows(rows);
        let key = self.key.as_ref().map(|key| key.id().to_owned());
        self.files.push(FileEntry { part: Some(part), key, ..sealed });
        Ok(())
    }
}

/// Name of the part of a table whose first day is `first`.
#[must_use]
pub fn part_name(first: Option<NaiveDate>) -> String {
    first.map_or_else(|| "undated".to_owned(), |day| day.to_string())
}

fn date(day: Option<i32>) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(day?)
}

/// The content hash of a table with the files `parts`: the same as if its rows had been hashed in one go.
#[must_use]
pub fn combined_hash(schema: &SchemaRef, parts: &[FileEntry]) -> String {
    let rows = parts.iter().filter_map(|f| f.rows).sum();
    let sums = parts.iter().filter_map(|f| f.part.as_ref()).map(|p| p.row_sum.as_str());
    ContentHash::combined(schema, rows, sums)
}
