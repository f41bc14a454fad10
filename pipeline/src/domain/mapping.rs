//! How a site's column becomes a canonical one: taken from a named column, or the same value on every row.
//! Reading the configuration is not here, nor is matching names to a file's header.

use crate::domain::timestamps::TimeFormat;

/// Where the values of one canonical column come from.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnRule {
    /// From the site's column `name`.
    From {
        /// The site's name for it.
        name: String,
        /// How times are written; None = ISO 8601 (or what the log format prescribes).
        format: Option<TimeFormat>,
        /// Factor on numbers: 100 turns dollars into cents, 1000 seconds into milliseconds.
        scale: Option<f64>,
    },
    /// This value on every row, read as if it stood in a CSV cell.
    Value(String),
}

impl ColumnRule {
    /// The site's column `name`, read as it is.
    #[must_use]
    pub fn from_column(name: impl Into<String>) -> ColumnRule {
        ColumnRule::From { name: name.into(), format: None, scale: None }
    }
}
