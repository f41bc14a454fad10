//! What keeps a table's numbers from being protected; it is then not published.

use arrow::error::ArrowError;
use thiserror::Error;

/// A table that can't be protected.
#[derive(Debug, Error)]
pub enum PrivacyError {
    /// A column that says whether numbers are final holds something else.
    #[error("`[privacy]` of `{table}` calls `{column}` final, which is {found}; name a column of true and false")]
    Flag {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// The select lacks a column of the header.
    #[error("`[privacy]` of `{table}` names `{column}`, which its select does not yield; name a column that it yields")]
    Missing {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A count that is not a whole number of 64 bits.
    #[error("`{column}` of `{table}` is {found}, but `[privacy]` protects counts as Int64; write `cast(… as bigint)`")]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its Arrow type.
        found: String,
    },
    /// The select yields what publication adds.
    #[error("the select of `{table}` yields `suppressed`, which publication adds by its `[privacy]`; remove the column")]
    Suppressed {
        /// The table.
        table: String,
    },
    /// One number with two values.
    #[error("`{column}` of `{table}` differs between rows that are equal in {by}; correct the `by` or the grain in its header")]
    Differs {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Columns that should determine it.
        by: String,
    },
    /// Arrow refused.
    #[error("failed to protect the numbers of `{table}`")]
    Arrow {
        /// The table.
        table: String,
        /// Why.
        #[source]
        source: ArrowError,
    },
    /// The ledger is not what was written.
    #[error("the ledger of hidden numbers can't be read; it must hold `table`, `key`, `column` and `value` as it was written")]
    Ledger(#[source] ArrowError),
}

impl PrivacyError {
    /// What Arrow refused of `table`.
    pub(super) fn arrow(table: &str) -> impl FnOnce(ArrowError) -> Self {
        let table = table.to_owned();
        move |source| Self::Arrow { table, source }
    }
}
