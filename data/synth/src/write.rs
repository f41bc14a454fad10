//! Parquet files with the same bytes for the same rows: fixed writer name, compression, encodings and row groups.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::{SynthError, TableSummary};

const CREATED_BY: &str = "hachi-synth";
/// Rows that a writer holds in memory at most.
const ROW_GROUP_ROWS: usize = 131_072;
/// Rows after which a table goes on in a new file.
const PART_ROWS: u64 = 2_000_000;
const ZSTD_LEVEL: i32 = 3;
/// Columns of times, which grow from row to row: small as differences, useless in a dictionary.
const DELTA_COLUMNS: [&str; 1] = ["ts"];

/// A Parquet file being written.
pub(crate) struct TableFile {
    path: PathBuf,
    writer: ArrowWriter<BufWriter<File>>,
    rows: u64,
}

impl TableFile {
    /// Makes the file and the folders above it.
    pub(crate) fn create(path: PathBuf, schema: SchemaRef) -> Result<Self, SynthError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| SynthError::Io { path: folder.to_owned(), source })?;
        }
        let file = File::create_new(&path).map_err(|source| SynthError::Io { path: path.clone(), source })?;
        // The Arrow schema would only repeat what Parquet's own types say.
        let options = ArrowWriterOptions::new().with_properties(properties()).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(BufWriter::new(file), schema, options);
        let writer = writer.map_err(|source| SynthError::Parquet { path: path.clone(), source })?;
        Ok(Self { path, writer, rows: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), SynthError> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|source| SynthError::Parquet { path: self.path.clone(), source })
    }

    /// Closes the file; gives its bytes.
    pub(crate) fn finish(self) -> Result<u64, SynthError> {
        let path = self.path;
        self.writer.close().map_err(|source| SynthError::Parquet { path: path.clone(), source })?;
        let metadata = fs::metadata(&path).map_err(|source| SynthError::Io { path, source })?;
        Ok(metadata.len())
    }
}

/// A table in `part-0.parquet`, `part-1.parquet`, …; a new part begins between batches when one is full.
pub(crate) struct TableFolder {
    folder: PathBuf,
    schema: SchemaRef,
    open: TableFile,
    done: TableSummary,
}

impl TableFolder {
    pub(crate) fn create(out: &Path, name: &'static str, schema: SchemaRef) -> Result<Self, SynthError> {
        let folder = out.join(name);
        let open = TableFile::create(folder.join("part-0.parquet"), schema.clone())?;
        Ok(Self { folder, schema, open, done: TableSummary { name, files: 1, ..TableSummary::default() } })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), SynthError> {
        if self.open.rows >= PART_ROWS {
            let path = self.folder.join(format!("part-{}.parquet", self.done.files));
            let full = std::mem::replace(&mut self.open, TableFile::create(path, self.schema.clone())?);
            self.done.bytes += full.finish()?;
            self.done.files += 1;
        }
        self.done.rows += batch.num_rows() as u64;
        self.open.write(batch)
    }

    pub(crate) fn finish(self) -> Result<TableSummary, SynthError> {
        let bytes = self.done.bytes + self.open.finish()?;
        Ok(TableSummary { bytes, ..self.done })
    }
}

fn properties() -> WriterProperties {
    // The level is a constant within zstd's range.
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let mut builder = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for column in DELTA_COLUMNS {
        builder = builder
            .set_column_dictionary_enabled(ColumnPath::from(column), false)
            .set_column_encoding(ColumnPath::from(column), Encoding::DELTA_BINARY_PACKED);
    }
    builder.build()
}

/// A column of times in microseconds since 1970 UTC.
pub(crate) fn timestamps(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}

/// A column of texts.
pub(crate) fn texts<T: ToString>(values: impl IntoIterator<Item = Option<T>>) -> ArrayRef {
    Arc::new(values.into_iter().map(|value| value.map(|value| value.to_string())).collect::<StringArray>())
}
