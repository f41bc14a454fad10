//! The block comment at the head of a model: TOML between `/*---` and `---*/`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stages::SEGMENT_MEMBER;
use super::{ModelError, privacy};

const OPEN: &str = "/*---";
const CLOSE: &str = "---*/";

/// What becomes of a model's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Computed and published.
    Table,
    /// Kept from run to run, not published: exact numbers that other models start from.
    State,
    /// Computed once in a run, not published.
    Scratch,
    /// Inlined into what reads it.
    View,
}

impl Kind {
    /// Whether its rows outlast the run.
    #[must_use]
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Table | Self::State)
    }

    /// Whether it is inlined into what reads it.
    #[must_use]
    pub fn is_view(self) -> bool {
        self == Self::View
    }
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
    /// Whether rows are about single members, or exact where published numbers are not; see [`Self::is_sensitive`].
    #[serde(default)]
    pub sensitive: Option<bool>,
    /// What must hold before the table may be published.
    #[serde(default)]
    pub checks: Checks,
    /// Set where rows belong to local days, and only days that change are built again.
    #[serde(default)]
    pub incremental: Option<Incremental>,
    /// The column that holds the local day from which on a row matters to tables that are built by day and read it: a row that
    /// comes, goes or changes has those days built again, and no others. Only for small tables of kind `state`.
    #[serde(default)]
    pub since: Option<String>,
    /// Set where numbers on few members must be held back.
    #[serde(default)]
    pub privacy: Option<Privacy>,
    /// Set where the model is a KPI of the registry.
    #[serde(default)]
    pub kpi: Option<Kpi>,
}

/// Checks; that the grain is unique is always checked. All block, but for those named in `warn`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// Columns without nulls.
    pub not_null: Vec<String>,
    /// Column → the only values it may have.
    pub accepted: BTreeMap<String, Vec<String>>,
    /// Fewest rows of a table that may be published.
    pub min_rows: u64,
    /// Column → `table.column` that must hold each of its values; null is no value.
    pub relationships: BTreeMap<String, String>,
    /// Predicates over a row that must be true, in SQL; name → predicate.
    pub expressions: BTreeMap<String, String>,
    /// Largest change of the number of rows since the last snapshot, as a part of it: 0.5 = half as many again, or half of it gone.
    pub max_drift: Option<f64>,
    /// What only warns: kinds (`not_null`, `accepted`, `min_rows`, `relationships`, `expressions`, `drift`), columns, expressions.
    pub warn: Vec<String>,
    /// What a column means that is gone or of another type since the last snapshot.
    pub contract: Contract,
}

/// How much a table's columns are promised to its readers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Contract {
    /// A change is told.
    #[default]
    Warn,
    /// A column that is gone or of another type ends the run.
    Enforced,
}

/// How a model is built day by day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Incremental {
    /// The column that holds the local day a row belongs to; rows without a day belong together.
    pub day: String,
    /// Days of input before a day that its rows depend on.
    #[serde(default)]
    pub lookback_days: u32,
    /// Days of input after a day that its rows depend on.
    #[serde(default)]
    pub lookahead_days: u32,
    /// Inputs whose rows belong to no day: they matter to the rows without a day only.
    #[serde(default)]
    pub undated: Vec<String>,
}

/// Which numbers count members, and what would give them away.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// Column that counts distinct members → what it is a part of.
    pub counts: BTreeMap<String, Count>,
    /// Column → numerator and denominator that it is computed from again after counts are held back.
    pub ratios: BTreeMap<String, [String; 2]>,
    /// Column → the count that it rests on, with which it is held back.
    pub rests: BTreeMap<String, String>,
    /// Sets of columns: rows that differ in these alone add up to a total that can be known.
    pub totals: Vec<Vec<String>>,
    /// The column that says whether a row's numbers will stay: until then they are held back, since day by day they would tell
    /// who came to them, and a number once shown would have to stand when it is final.
    #[serde(rename = "final")]
    pub is_final: Option<String>,
}

/// A count of members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Count {
    /// The count of which these members are a part: those left out are protected too.
    pub of: Option<String>,
    /// Grain columns that the number depends on, where it repeats along the others; empty = all.
    pub by: Vec<String>,
}

/// What a KPI means. Its name is the file's, without `kpi_`; its select yields `event_date, numerator, denominator, people`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Kpi {
    /// Name for people.
    pub title: String,
    /// What is counted above the line.
    pub numerator: String,
    /// What is counted below it; absent for a plain number.
    #[serde(default)]
    pub denominator: Option<String>,
    /// Days that the number looks back on, the day itself included.
    pub window_days: u32,
    /// Days after the window until the number is final.
    #[serde(default)]
    pub maturity_days: u32,
    /// `members`, `visits`, `views`, `cents`, `ratio`, `days`, ….
    pub unit: String,
    /// `up` = more is better, `down` = less is, `none` = neither.
    pub direction: String,
    /// Whether the numerator is a part of the denominator.
    #[serde(default)]
    pub is_share: bool,
}

impl Header {
    /// Splits `text` into its header and its SQL.
    ///
    /// # Errors
    /// When there's no header, it isn't TOML with the known keys, or its `[privacy]` contradicts itself.
    pub fn split<'a>(file: &str, text: &'a str) -> Result<(Self, &'a str), ModelError> {
        let wrong = |message: String| ModelError::Header { file: file.to_owned(), message };
        let body =
            text.trim_start().strip_prefix(OPEN).ok_or_else(|| wrong(format!("a model starts with `{OPEN}`, TOML and `{CLOSE}`")))?;
        let (toml, sql) = body.split_once(CLOSE).ok_or_else(|| wrong(format!("`{CLOSE}` is missing")))?;
        let header: Self = toml::from_str(toml).map_err(|e| wrong(e.to_string()))?;
        privacy::check(&header).map_err(wrong)?;
        Ok((header, sql))
    }

    /// Whether files are encrypted where a site has keys: as it says, else where the grain names members, or numbers are kept exact.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.sensitive.unwrap_or_else(|| self.kind == Kind::State || self.grain.iter().any(|column| column == SEGMENT_MEMBER))
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
    fn what_names_members_is_sensitive_unless_it_says_otherwise() {
        let is_sensitive = |from: &str, to: &str| Header::split("x/y.sql", &MODEL.replace(from, to)).expect("a model").0.is_sensitive();
        assert!(!is_sensitive("x", "x"));
        assert!(is_sensitive("[\"a\"]", "[\"user_id\", \"a\"]"));
        assert!(is_sensitive("table", "state"));
        assert!(is_sensitive("[\"a\"]", "[\"a\"]\nsensitive = true"));
        assert!(!is_sensitive("[\"a\"]", "[\"user_id\"]\nsensitive = false"));
    }

    #[test]
    fn says_what_is_wrong() {
        let error = Header::split("x/y.sql", "select 1").expect_err("no header");
        assert!(error.to_string().contains("a model starts with `/*---`"), "{error}");
        let error = Header::split("x/y.sql", &MODEL.replace("grain", "grian")).expect_err("unknown key");
        assert!(error.to_string().contains("grian"), "{error}");
    }
}
