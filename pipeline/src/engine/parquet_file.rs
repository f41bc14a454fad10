//! Writes batches into one named Parquet file: with reproducible bytes, or encrypted, which no two files are alike.
//!
//! `COPY` is not used: it names files at random and loses order when it writes several. What does not belong: hashing
//! and committing, which are the publisher's.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

use super::{EngineError, MasterKey};

const ROW_GROUP_ROWS: usize = 1 << 20;
/// Fewer, because what is open is held in memory once per partition.
const SCRATCH_ROW_GROUP_ROWS: usize = 1 << 18;
const CREATED_BY: &str = "hachi";

/// An open Parquet file.
#[derive(Debug)]
pub struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<BufWriter<File>>,
    rows: u64,
}

impl ParquetFile {
    /// Creates `path` and its parent folders, for a file to publish, under `key` or as it is.
    ///
    /// # Errors
    /// When the file can't be created.
    pub fn create(path: &Path, schema: SchemaRef, key: Option<&MasterKey>) -> Result<Self, EngineError> {
        Self::open(path, schema, (published(), key))
    }

    /// Creates `path` and its parent folders, for a file that this run reads and then removes: quick to write.
    ///
    /// # Errors
    /// When the file can't be created.
    pub fn scratch(path: &Path, schema: SchemaRef, key: Option<&MasterKey>) -> Result<Self, EngineError> {
        let quick =
            WriterProperties::builder().set_compression(Compression::LZ4_RAW).set_max_row_group_row_count(Some(SCRATCH_ROW_GROUP_ROWS));
        Self::open(path, schema, (quick, key))
    }

    fn open(
        path: &Path,
        schema: SchemaRef,
        (mut properties, key): (WriterPropertiesBuilder, Option<&MasterKey>),
    ) -> Result<Self, EngineError> {
        if let Some(key) = key {
            properties = properties.with_file_encryption_properties(key.file_properties().map_err(EngineError::Key)?);
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(EngineError::write(path))?;
        }
        let file = File::create(path).map_err(EngineError::write(path))?;
        let writer = ArrowWriter::try_new(BufWriter::new(file), schema, Some(properties.build())).map_err(EngineError::write(path))?;
        Ok(Self { path: path.to_owned(), writer, rows: 0 })
    }

    /// Appends `batch`.
    ///
    /// # Errors
    /// When the batch has another schema or the disk is full.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(EngineError::write(&self.path))
    }

    /// Writes the footer; the number of rows.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn finish(self) -> Result<u64, EngineError> {
        self.writer.close().map_err(EngineError::write(&self.path))?;
        Ok(self.rows)
    }
}

/// zstd, fixed author and row groups: the same rows give the same bytes.
fn published() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
}
