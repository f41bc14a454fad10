//! Matches a file's columns to the canonical ones, and says how each is to be read.
//!
//! A column is looked for under the name that its rule gives, or, without a rule, under its own.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::datatypes::{DataType, Schema};

use super::SourceError;
use crate::domain::mapping::ColumnRule;
use crate::domain::raw_tables::{ColumnType, RawColumn, RawTable};
use crate::domain::timestamps::TimeFormat;

/// How one canonical column is read from a file.
#[derive(Debug, Clone)]
pub enum Reading {
    /// Not in the file: null.
    Absent,
    /// The same text in every row.
    Constant(String),
    /// From the file's column.
    Column(ColumnReading),
}

/// A column of the file and the rule for its values.
#[derive(Debug, Clone)]
pub struct ColumnReading {
    /// Position in the file.
    pub index: usize,
    /// How a time is written, where it is text or a number.
    pub format: Option<TimeFormat>,
    /// What a number is multiplied by.
    pub scale: Option<f64>,
}

/// How each column of `table`, in order, is read from a file of `schema`.
///
/// # Errors
/// When a required column is absent, or one has a type that can't be what it should be.
pub fn match_columns(
    table: RawTable,
    path: &Path,
    schema: &Schema,
    rules: &BTreeMap<String, ColumnRule>,
) -> Result<Vec<Reading>, SourceError> {
    table.columns().iter().map(|column| match_column(table, column, path, (schema, rules.get(column.name)))).collect()
}

fn match_column(
    table: RawTable,
    column: &RawColumn,
    path: &Path,
    (schema, rule): (&Schema, Option<&ColumnRule>),
) -> Result<Reading, SourceError> {
    let (name, format, scale) = match rule {
        Some(ColumnRule::Value(text)) => return Ok(Reading::Constant(text.clone())),
        Some(ColumnRule::From { name, format, scale }) => (name.as_str(), format.clone(), *scale),
        None => (column.name, None, None),
    };
    let Ok(index) = schema.index_of(name) else {
        return if column.is_required() || rule.is_some() { Err(missing(table, name, path, schema)) } else { Ok(Reading::Absent) };
    };
    let found = schema.field(index).data_type();
    check_type(column, found, format.as_ref()).map_err(|(expected, remedy)| SourceError::WrongType {
        path: path.to_owned(),
        column: name.to_owned(),
        found: found.to_string(),
        expected,
        remedy,
    })?;
    Ok(Reading::Column(ColumnReading { index, format, scale }))
}

fn missing(table: RawTable, name: &str, path: &Path, schema: &Schema) -> SourceError {
    let found = schema.fields().iter().map(|f| format!("`{}`", f.name())).collect::<Vec<_>>().join(", ");
    SourceError::MissingColumn { path: path.to_owned(), table: table.name(), column: name.to_owned(), found }
}

type Expected = (&'static str, &'static str);

const CONVERT: &str = "convert it, or map another column";

fn check_type(column: &RawColumn, found: &DataType, format: Option<&TimeFormat>) -> Result<(), Expected> {
    let is_text = is_text(found);
    let is_number = found.is_integer() || found.is_floating() || matches!(found, DataType::Decimal128(_, _));
    let is_null = matches!(found, DataType::Null);
    let (fits, expected, remedy) = match column.kind {
        ColumnType::Id => (is_text || found.is_integer(), "text or a whole number", CONVERT),
        ColumnType::Text => (is_text || is_number || matches!(found, DataType::Boolean), "text", CONVERT),
        ColumnType::Int | ColumnType::BigInt | ColumnType::Double => (is_text || is_number, "a number", CONVERT),
        ColumnType::Boolean => (is_text || found.is_integer() || matches!(found, DataType::Boolean), "true or false", CONVERT),
        ColumnType::TextList => (is_text || is_text_list(found), "a list of texts, or text with `|` between", CONVERT),
        ColumnType::Timestamp => (
            is_text || is_time(found) || (is_number && format.is_some()),
            "a time",
            "for numbers say how they count, e.g. `columns.ts = { from = \"created\", format = \"epoch_ms\" }`",
        ),
    };
    if fits || is_null { Ok(()) } else { Err((expected, remedy)) }
}

fn is_text(found: &DataType) -> bool {
    match found {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

fn is_text_list(found: &DataType) -> bool {
    matches!(found, DataType::List(f) | DataType::LargeList(f) | DataType::ListView(f) if is_text(f.data_type()))
}

fn is_time(found: &DataType) -> bool {
    matches!(found, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_column_is_not_looked_for_under_its_own_name() {
        let rules = BTreeMap::from([("review".to_owned(), ColumnRule::from_column("words"))]);
        let schema = RawTable::Ratings.schema();
        let matched = |rules| match_columns(RawTable::Ratings, Path::new("a.parquet"), &schema, rules);
        let error = matched(&rules).expect_err("no `words`").to_string();
        assert!(error.contains("no column `words`"), "{error}");
        let readings = matched(&BTreeMap::new()).expect("all columns");
        assert!(matches!(&readings[4], Reading::Column(review) if review.index == 4));
    }
}
