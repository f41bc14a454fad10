//! What can be wrong with a site's Parquet files, told before a run starts where possible.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::engine::EngineError;

/// A raw table that can't be used.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The configured path is not there.
    #[error("`sources.{table}.path` is `{}`, which does not exist; correct it, or fill it with `hachi ingest {table} FILE…`", path.display())]
    Missing {
        /// Canonical table name.
        table: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// A folder without data.
    #[error("`sources.{table}.path` is `{}`, which holds no `.parquet` file; correct it, or fill it with `hachi ingest {table} FILE…`", path.display())]
    NoFiles {
        /// Canonical table name.
        table: &'static str,
        /// The path.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("failed to list `{}`", path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Not Parquet, or cut short.
    #[error("`{}` is not a complete Parquet file: {message}; write it again, or move it out of the folder", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The reader's words.
        message: String,
    },
    /// A required column is absent.
    #[error("`{}` has no column `{column}`, which `{table}` needs; it has {found}; map it with `sources.{table}.columns.{column} = \"…\"`", path.display())]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// Canonical table name.
        table: &'static str,
        /// The column, by the name it was looked for.
        column: String,
        /// The columns there are.
        found: String,
    },
    /// A column of a type that can't be read as what it should be.
    #[error("column `{column}` of `{}` is {found}, expected {expected}; {remedy}", path.display())]
    WrongType {
        /// The file.
        path: PathBuf,
        /// The site's name of the column.
        column: String,
        /// Its Arrow type.
        found: String,
        /// What it should be.
        expected: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// Reading broke in the middle.
    #[error("failed to read `{}` after row {row}: {message}; write the file again, or move it out of the folder", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Rows read before.
        row: u64,
        /// The reader's words.
        message: String,
    },
    /// The system refused in the middle of reading; the file may be sound.
    #[error("failed to read `{}` after row {row}: {message}; the file may be sound: run again once the system has what it lacks", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// Rows read before.
        row: u64,
        /// The reader's words.
        message: String,
    },
    /// A list of members that can't be read.
    #[error("`privacy.{list}` is `{}`, which can't be read; correct the path, or remove the key if there is nobody to list", path.display())]
    People {
        /// `erased` or `refused`.
        list: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The engine refused the table.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// How the system's own refusals end, through whatever reader they came.
const OF_SYSTEM: &str = "(os error ";

impl SourceError {
    /// Reading `path` broke after `row` rows: the system's fault or the file's, as the reader's words tell.
    pub(super) fn read(path: &Path, row: u64, message: String) -> Self {
        let path = path.to_owned();
        if message.contains(OF_SYSTEM) { Self::System { path, row, message } } else { Self::Read { path, row, message } }
    }
}
