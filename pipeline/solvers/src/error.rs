//! What a solver refuses, with the index, the value and the remedy. No solver logic belongs here.

use thiserror::Error;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a problem can't be posed or solved.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// A parameter outside its range.
    #[error("`{name}` is {value}, expected {expected}")]
    Parameter {
        /// Name of the parameter, as in the configuration.
        name: &'static str,
        /// The value given.
        value: f64,
        /// The values allowed, in words.
        expected: &'static str,
    },
    /// A side of the problem has no elements.
    #[error("`{what}` is empty, expected at least one")]
    Empty {
        /// The empty side, such as `members`.
        what: &'static str,
    },
    /// NaN or infinity in a matrix.
    #[error("`{matrix}` holds {value} at row {row}, column {column}, expected a finite number")]
    NotFinite {
        /// Name of the matrix.
        matrix: &'static str,
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The value found.
        value: f64,
    },
    /// Two sides that must agree in size don't.
    #[error("`{what}` has {found} elements, expected {expected}")]
    Length {
        /// What was measured.
        what: &'static str,
        /// The length found.
        found: usize,
        /// The length needed.
        expected: usize,
    },
    /// A column index beyond the last column.
    #[error("row {row} names column {column}, expected less than {columns}")]
    ColumnOutOfRange {
        /// Row, from 0.
        row: usize,
        /// The column named.
        column: u32,
        /// The number of columns.
        columns: usize,
    },
    /// Column indices of a row that don't rise strictly.
    #[error("row {row} names column {column} after an equal or higher one, expected each column once and in rising order")]
    ColumnOrder {
        /// Row, from 0.
        row: usize,
        /// The column that is out of order.
        column: u32,
    },
    /// A system that Cholesky can't solve.
    #[error("the system of {what} {row} is not positive definite (pivot {pivot}), raise `{remedy}`")]
    NotPositiveDefinite {
        /// What the system belongs to, such as `user`.
        what: &'static str,
        /// Its index, from 0.
        row: usize,
        /// The first pivot that is not clearly positive, from 0.
        pivot: usize,
        /// The parameter that makes the system better conditioned.
        remedy: &'static str,
    },
    /// The estimate of memory exceeds the limit, so nothing was allocated.
    #[error("`{what}` needs about {required} bytes, the limit is {limit}: {remedy}")]
    Memory {
        /// What was about to be computed.
        what: &'static str,
        /// Estimate, bytes.
        required: u64,
        /// Limit, bytes.
        limit: u64,
        /// What to lower, or to raise.
        remedy: &'static str,
    },
}

/// Refuses a parameter outside its range; NaN is outside of all.
///
/// # Errors
/// [`Error::Parameter`].
pub(crate) fn within(name: &'static str, value: f64, range: std::ops::RangeInclusive<f64>, expected: &'static str) -> Result<()> {
    if range.contains(&value) { Ok(()) } else { Err(Error::Parameter { name, value, expected }) }
}
