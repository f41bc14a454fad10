//! What can go wrong on the way to a snapshot; whatever it is, the one before stays.

use std::path::PathBuf;

use arrow::error::ArrowError;
use hachi_snapshot::{LakeError, ManifestError, WriteError};
use thiserror::Error;

use crate::engine::EngineError;

/// A table or a serving file that can't be published.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The rows could not be computed or written.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A column can't be brought into its published form.
    #[error("failed to prepare `{table}` for publication")]
    Convert {
        /// The table.
        table: String,
        /// Why.
        #[source]
        source: ArrowError,
    },
    /// A table for the sidecar lacks a column or has one of another type.
    #[error("`{table}` has no column `{column}` of type {expected}; the sidecar needs it")]
    Contract {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Its type.
        expected: &'static str,
    },
    /// The lake refused.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// A name that leads out of the lake.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file that is written again under another key does not hold what its manifest says.
    #[error("`{path}` does not hold the rows that its manifest says, so it can't be written again; see `hachi verify`")]
    Other {
        /// Place in the lake.
        path: String,
    },
    /// The serving file can't be written.
    #[error("failed to write the serving file `{}`", path.display())]
    Serve {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: WriteError,
    },
}
