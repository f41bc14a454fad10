//! The quarantine: one Parquet file for each input that has rows nobody can use, with where and why.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::domain::raw_tables::RawTable;
use crate::ingest::error::IngestError;
use crate::ingest::write::{ParquetFile, base_properties};

/// Longest part of a line that is kept.
pub(super) const TEXT_BYTES_MAX: usize = 4 * 1024;
/// Rows collected before they are handed to Parquet.
const BATCH_ROWS: usize = 1_024;

/// `source` (table), `source_file`, `source_row` (line, from 1), `reason`, `text` (the line, cut after 4 KiB).
#[must_use]
pub fn quarantine_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("source", DataType::Utf8, false),
        Field::new("source_file", DataType::Utf8, false),
        Field::new("source_row", DataType::Int64, false),
        Field::new("reason", DataType::Utf8, false),
        Field::new("text", DataType::Utf8, false),
    ]))
}

/// Writes the quarantine of one input; the file is made when the first row comes.
pub(super) struct QuarantineWriter {
    table: RawTable,
    input: String,
    path: PathBuf,
    file: Option<ParquetFile>,
    lines: Int64Builder,
    reasons: StringBuilder,
    texts: StringBuilder,
    pending: usize,
    /// Rows taken so far.
    pub(super) count: u64,
}

/// Name of the file for an input with that prefix.
pub(super) fn file_name(table: RawTable, prefix: &str) -> String {
    format!("{table}-{prefix}.parquet")
}

impl QuarantineWriter {
    pub(super) fn new(folder: &Path, prefix: &str, table: RawTable, input: &str) -> QuarantineWriter {
        QuarantineWriter {
            table,
            input: input.to_owned(),
            path: folder.join(file_name(table, prefix)),
            file: None,
            lines: Int64Builder::new(),
            reasons: StringBuilder::new(),
            texts: StringBuilder::new(),
            pending: 0,
            count: 0,
        }
    }

    /// Takes a line; what is not UTF-8 in it is replaced.
    pub(super) fn push(&mut self, line: u64, reason: &str, text: &[u8]) -> Result<(), IngestError> {
        let cut = &text[..text.len().min(TEXT_BYTES_MAX)];
        self.lines.append_value(i64::try_from(line).unwrap_or(i64::MAX));
        self.reasons.append_value(reason);
        self.texts.append_value(String::from_utf8_lossy(cut));
        self.pending += 1;
        self.count += 1;
        if self.pending < BATCH_ROWS { Ok(()) } else { self.flush() }
    }

    /// Ends the file, if there is one.
    pub(super) fn close(mut self) -> Result<Option<String>, IngestError> {
        if self.pending > 0 {
            self.flush()?;
        }
        let Some(file) = self.file else { return Ok(None) };
        file.close()?;
        Ok(self.path.file_name().map(|name| name.to_string_lossy().into_owned()))
    }

    fn flush(&mut self) -> Result<(), IngestError> {
        let rows = self.batch();
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(ParquetFile::create(&self.path, quarantine_schema(), base_properties().build())?),
        };
        file.write(&rows)
    }

    fn batch(&mut self) -> RecordBatch {
        let same = |text: &str, count| {
            let mut column = StringBuilder::new();
            (0..count).for_each(|_| column.append_value(text));
            Arc::new(column.finish()) as ArrayRef
        };
        let columns = vec![
            same(self.table.name(), self.pending),
            same(&self.input, self.pending),
            Arc::new(self.lines.finish()),
            Arc::new(self.reasons.finish()),
            Arc::new(self.texts.finish()),
        ];
        self.pending = 0;
        RecordBatch::try_new(quarantine_schema(), columns).expect("columns are those of the schema")
    }
}
