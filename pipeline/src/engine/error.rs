//! What can go wrong between a query and its rows.

use std::path::PathBuf;

use datafusion::error::DataFusionError;
use thiserror::Error;

/// A query or a file of the engine that failed.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The session's limits or folders can't be set up.
    #[error("failed to open the SQL engine")]
    Open(#[source] DataFusionError),
    /// Planning or executing failed.
    #[error("failed to {action} `{table}`")]
    Query {
        /// `plan`, `execute`, `register` or `check`.
        action: &'static str,
        /// The table that was asked for.
        table: String,
        /// Why.
        #[source]
        source: Box<DataFusionError>,
    },
    /// A Parquet file can't be written.
    #[error("failed to write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A task of the engine's ended without a result.
    #[error("computing `{0}` stopped unexpectedly: {1}")]
    Stopped(String, String),
    /// A query for reading tried something else.
    #[error("only a `select` over the published tables is answered here: {0}")]
    NotReadOnly(String),
}

impl EngineError {
    /// A failed `action` on `table`.
    pub fn query(action: &'static str, table: impl Into<String>) -> impl FnOnce(DataFusionError) -> Self {
        let table = table.into();
        move |source| Self::Query { action, table, source: Box::new(source) }
    }

    /// A failed write of `path`.
    pub fn write<E: std::error::Error + Send + Sync + 'static>(path: impl Into<PathBuf>) -> impl FnOnce(E) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source: Box::new(source) }
    }
}
