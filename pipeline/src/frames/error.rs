//! Why a table can't become a matrix.

use arrow::error::ArrowError;
use polars::error::PolarsError;
use thiserror::Error;

/// A table that lacks what a matrix needs.
#[derive(Debug, Error)]
pub enum FramesError {
    /// A column is missing.
    #[error("`{table}` has no column `{column}`")]
    MissingColumn {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// A value is missing.
    #[error("`{table}.{column}` is null in row {row}, expected a value")]
    Null {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Row over all batches, from 0.
        row: usize,
    },
    /// NaN or infinity.
    #[error("`{table}.{column}` is {value} in row {row}, expected a finite number")]
    NotFinite {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Row over all batches, from 0.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// A column whose values don't have the needed type.
    #[error("`{table}.{column}` can't be read as {expected}")]
    Cast {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The type wanted, in words.
        expected: &'static str,
        /// What Arrow says.
        #[source]
        source: ArrowError,
    },
    /// The rows of a query can't be had.
    #[error("`{table}` could not be read")]
    Rows {
        /// The table.
        table: &'static str,
        /// What the engine says.
        #[source]
        source: ArrowError,
    },
    /// An id that the index doesn't hold.
    #[error("`{id}` is not among the {indexed} indexed ids")]
    UnknownId {
        /// The id.
        id: String,
        /// How many ids the index holds.
        indexed: usize,
    },
    /// Grouping, filtering or sorting failed.
    #[error("a data frame could not be computed")]
    Frame(#[from] PolarsError),
    /// The matrix is refused.
    #[error("a table could not become a matrix")]
    Matrix(#[from] hachi_solvers::Error),
}
