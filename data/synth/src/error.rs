//! What can go wrong while generating: parameters, the folder, a file.

use std::path::PathBuf;

use crate::ParamsError;

/// Why a community could not be generated; suitable for "failed to generate a community: …".
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// A parameter is out of its range.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// The folder holds a table already; partitions of two communities would mix.
    #[error("`{}` exists already; remove it or choose an empty folder", .0.display())]
    Occupied(PathBuf),
    /// A folder or file could not be made or measured.
    #[error("cannot write `{}`", path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Rows could not be encoded or written as Parquet.
    #[error("cannot write rows to `{}`", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the encoder says.
        #[source]
        source: parquet::errors::ParquetError,
    },
    /// Columns of a table do not fit together.
    #[error("cannot assemble rows")]
    Rows(#[from] arrow::error::ArrowError),
    /// A rendering thread ended without a result.
    #[error("a rendering thread ended before its day was written")]
    Interrupted,
}
