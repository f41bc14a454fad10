//! Raw Parquet files: the same rows always give the same bytes. Which rows belong together is not decided here.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::domain::raw_tables::{COLUMNS_CANONICAL, COLUMNS_KEY, ColumnType, RawTable};
use crate::domain::timestamps::date_of_day;
use crate::ingest::error::IngestError;
use crate::ingest::names::staged_name;

/// Without a version: the same input gives the same bytes in the next release too.
const CREATED_BY: &str = "hachi ingest";

/// Writes the files of one input, below a staging folder.
pub(super) struct FileWriter {
    folder: PathBuf,
    prefix: String,
    properties: WriterProperties,
    /// Paths below the table's folder, in the order of writing.
    pub(super) written: Vec<PathBuf>,
    days: BTreeSet<i32>,
    sequence: u32,
}

impl FileWriter {
    pub(super) fn new(folder: &Path, prefix: &str, table: RawTable) -> FileWriter {
        let properties = properties(table);
        let (folder, prefix) = (folder.to_owned(), prefix.to_owned());
        FileWriter { folder, prefix, properties, written: Vec::new(), days: BTreeSet::new(), sequence: 0 }
    }

    /// Writes what was collected: one file for each day, or one for a table without days.
    pub(super) fn write(&mut self, parts: &[(Option<i32>, RecordBatch)]) -> Result<(), IngestError> {
        for (day, rows) in parts {
            let path = self.path(*day);
            let mut writer = ParquetFile::create(&self.folder.join(staged_name(&path)), rows.schema(), self.properties.clone())?;
            writer.write(rows)?;
            writer.close()?;
            self.days.extend(*day);
            self.written.push(path);
        }
        self.sequence += 1;
        Ok(())
    }

    /// Days that received rows.
    pub(super) fn day_count(&self) -> u64 {
        self.days.len() as u64
    }

    fn path(&self, day: Option<i32>) -> PathBuf {
        let file = format!("{}-{:05}.parquet", self.prefix, self.sequence);
        match day.and_then(date_of_day) {
            Some(date) => Path::new(&format!("event_date={date}")).join(file),
            None => PathBuf::from(file),
        }
    }
}

/// One Parquet file being written.
pub(super) struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
}

impl ParquetFile {
    pub(super) fn create(path: &Path, schema: SchemaRef, properties: WriterProperties) -> Result<ParquetFile, IngestError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(IngestError::writing(folder))?;
        }
        let file = File::create(path).map_err(IngestError::writing(path))?;
        let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(IngestError::parquet(path))?;
        Ok(ParquetFile { path: path.to_owned(), writer })
    }

    pub(super) fn write(&mut self, rows: &RecordBatch) -> Result<(), IngestError> {
        self.writer.write(rows).map_err(IngestError::parquet(&self.path))
    }

    /// Writes the footer. That it reaches the disk is seen to when all files are there.
    pub(super) fn close(self) -> Result<(), IngestError> {
        self.writer.close().map(|_| ()).map_err(IngestError::parquet(&self.path))
    }
}

/// How the files of a table are written, and the mark that its rules have been applied.
pub(super) fn properties(table: RawTable) -> WriterProperties {
    let mark = KeyValue::new(COLUMNS_KEY.to_owned(), COLUMNS_CANONICAL.to_owned());
    let mut properties = base_properties().set_key_value_metadata(Some(vec![mark]));
    for column in table.columns().iter().filter(|column| column.kind == ColumnType::Timestamp) {
        // Neighbouring times are close: differences are smaller than a dictionary, and quicker to write.
        let path = || ColumnPath::from(column.name);
        properties = properties.set_column_dictionary_enabled(path(), false).set_column_encoding(path(), Encoding::DELTA_BINARY_PACKED);
    }
    properties.build()
}

/// What all files have in common.
pub(super) fn base_properties() -> parquet::file::properties::WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
}
