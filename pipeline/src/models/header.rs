//! The block comment at the head of a model: TOML between `/*---` and `---*/`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ModelError;

const OPEN: &str = "/*---";
const CLOSE: &str = "---*/";

/// What becomes of a model's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Computed and published.
    Table,
    /// Computed once in a run, not published.
    Scratch,
    /// Inlined into what reads it.
    View,
}

/// What a model says of itself.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// One sentence: what a row is.
    pub description: String,
    /// What becomes of the rows.
    pub kind: Kind,
    /// Columns that name a row; rows are sorted by them. Empty: identical rows may repeat.
    pub grain: Vec<String>,
    /// Columns that order rows where the grain does not.
    #[serde(default)]
    pub sort: Vec<String>,
    /// Column → meaning and unit.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// What must hold before the table may be published.
    #[serde(default)]
    pub checks: Checks,
}

/// Blocking checks; that the grain is unique is always checked.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// Columns without nulls.
    pub not_null: Vec<String>,
    /// Column → the only values it may have.
    pub accepted: BTreeMap<String, Vec<String>>,
    /// Fewest rows of a table that may be published.
    pub min_rows: u64,
}

impl Header {
    /// Splits `text` into its header and its SQL.
    ///
    /// # Errors
    /// When there's no header, or it isn't TOML with the known keys.
    pub fn split<'a>(file: &str, text: &'a str) -> Result<(Self, &'a str), ModelError> {
        let wrong = |message: String| ModelError::Header { file: file.to_owned(), message };
        let body =
            text.trim_start().strip_prefix(OPEN).ok_or_else(|| wrong(format!("a model starts with `{OPEN}`, TOML and `{CLOSE}`")))?;
        let (toml, sql) = body.split_once(CLOSE).ok_or_else(|| wrong(format!("`{CLOSE}` is missing")))?;
        let header: Self = toml::from_str(toml).map_err(|e| wrong(e.to_string()))?;
        Ok((header, sql))
    }

    /// Grain, then the extra sort columns: the order rows are written in.
    pub fn order(&self) -> impl Iterator<Item = &str> {
        self.grain.iter().chain(&self.sort).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "/*---\ndescription = \"d\"\nkind = \"table\"\ngrain = [\"a\"]\n---*/\nselect 1 as a";

    #[test]
    fn splits_header_and_sql() {
        let (header, sql) = Header::split("x/y.sql", MODEL).expect("a model");
        assert_eq!((header.kind, header.grain.as_slice()), (Kind::Table, ["a".to_owned()].as_slice()));
        assert_eq!(sql.trim(), "select 1 as a");
    }

    #[test]
    fn says_what_is_wrong() {
        let error = Header::split("x/y.sql", "select 1").expect_err("no header");
        assert!(error.to_string().contains("a model starts with `/*---`"), "{error}");
        let error = Header::split("x/y.sql", &MODEL.replace("grain", "grian")).expect_err("unknown key");
        assert!(error.to_string().contains("grian"), "{error}");
    }
}
