//! Finds a table's files and reads their footers, so that what is wrong with them is known before a run starts.

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use super::SourceError;
use crate::domain::raw_tables::{COLUMNS_CANONICAL, COLUMNS_KEY};

const ENDING: &str = "parquet";
const DAY_FOLDER: &str = "event_date=";

/// A Parquet file of a raw table, its footer read.
#[derive(Debug, Clone)]
pub struct LocatedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name within the table, which rejected rows are reported under.
    pub name: String,
    /// Its place among the table's files, by name.
    pub position: u32,
    /// Schema and row groups.
    pub metadata: ArrowReaderMetadata,
}

impl LocatedFile {
    /// Rows, by the footer.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Whether its columns are canonical by its own word, as `ingest` writes them.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        let entries = self.metadata.metadata().file_metadata().key_value_metadata();
        entries.is_some_and(|entries| entries.iter().any(|e| e.key == COLUMNS_KEY && e.value.as_deref() == Some(COLUMNS_CANONICAL)))
    }

    /// The day of its folder, `event_date=YYYY-MM-DD`, where it has one.
    #[must_use]
    pub fn day(&self) -> Option<chrono::NaiveDate> {
        let folder = self.name.split('/').find_map(|part| part.strip_prefix(DAY_FOLDER))?;
        folder.parse().ok()
    }

    /// Starts reading the file's rows.
    ///
    /// # Errors
    /// When the file can't be opened any more.
    pub fn reader(&self) -> Result<ParquetRecordBatchReaderBuilder<File>, SourceError> {
        let file = File::open(&self.path).map_err(|source| SourceError::List { path: self.path.clone(), source })?;
        Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone()))
    }
}

/// All Parquet files at `path`, which is one file or a folder, in order of their names.
///
/// # Errors
/// When there's none, or one is damaged.
pub async fn files(table: &'static str, path: &Path) -> Result<Vec<LocatedFile>, SourceError> {
    let mut found = Vec::new();
    match std::fs::metadata(path) {
        Err(_) => return Err(SourceError::Missing { table, path: path.to_owned() }),
        Ok(metadata) if metadata.is_file() => found.push(path.to_owned()),
        Ok(_) => walk(path, &mut found)?,
    }
    if found.is_empty() {
        return Err(SourceError::NoFiles { table, path: path.to_owned() });
    }
    found.sort();
    let mut located = Vec::with_capacity(found.len());
    for (file, position) in found.into_iter().zip(0..) {
        located.push(open(path, file, position).await?);
    }
    Ok(located)
}

/// Names that start with `_` or `.` are not data, as in Hive and Spark.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), SourceError> {
    let failed = |source| SourceError::List { path: folder.to_owned(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(['_', '.']));
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|e| e == ENDING) {
            found.push(path);
        }
    }
    Ok(())
}

async fn open(root: &Path, path: PathBuf, position: u32) -> Result<LocatedFile, SourceError> {
    let damaged = |message: String| SourceError::Damaged { path: path.clone(), message };
    let file = File::open(&path).map_err(|source| SourceError::List { path: path.clone(), source })?;
    if file.metadata().is_ok_and(|m| m.len() == 0) {
        return Err(damaged("it is empty (0 bytes)".to_owned()));
    }
    // A malformed footer may panic in the reader: a task of its own turns that into an error.
    let footer = tokio::task::spawn_blocking(move || ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()));
    let metadata = footer.await.map_err(|e| damaged(e.to_string()))?.map_err(|e| damaged(e.to_string()))?;
    let name = path.strip_prefix(root).ok().filter(|p| !p.as_os_str().is_empty());
    let name = name.or(path.file_name().map(Path::new)).unwrap_or(&path).to_string_lossy().into_owned();
    Ok(LocatedFile { path, name, position, metadata })
}
