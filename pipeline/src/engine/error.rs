//! What can go wrong between a query and its rows.

use std::path::PathBuf;

use datafusion::error::DataFusionError;
use thiserror::Error;

use super::KeyringError;

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
    /// The engine may not use as much memory as it needs.
    #[error("`{table}` needs more memory than `engine.memory_mib` allows: raise it, or lower `engine.threads`, which share it")]
    Memory {
        /// The table that was asked for.
        table: String,
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
    /// An encrypted file, or one to be.
    #[error("{0}")]
    Key(#[source] KeyringError),
    /// A query for reading tried something else.
    #[error("only a `select` over the published tables is answered here: {0}")]
    NotReadOnly(String),
}

impl EngineError {
    /// A failed `action` on `table`.
    pub fn query(action: &'static str, table: impl Into<String>) -> impl FnOnce(DataFusionError) -> Self {
        let table = table.into();
        move |source| match source.find_root() {
            DataFusionError::ResourcesExhausted(words) => {
                tracing::debug!(table, words, "out of memory");
                Self::Memory { table }
            }
            _ => Self::Query { action, table, source: Box::new(source) },
        }
    }

    /// A failed write of `path`.
    pub fn write<E: std::error::Error + Send + Sync + 'static>(path: impl Into<PathBuf>) -> impl FnOnce(E) -> Self {
        let path = path.into();
        move |source| Self::Write { path, source: Box::new(source) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_was_reached_is_named() {
        let failed = |source| EngineError::query("execute", "sessions")(source).to_string();
        let exhausted = || DataFusionError::ResourcesExhausted("0 B remain".to_owned());
        assert!(failed(exhausted()).contains("`engine.memory_mib`"));
        assert!(failed(exhausted().context("in a join")).contains("`engine.memory_mib`"));
        assert_eq!(failed(DataFusionError::Plan("no".to_owned())), "failed to execute `sessions`");
    }
}
