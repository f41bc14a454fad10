//! Which field of an input fills which column: rules against what the input has. Then reads whole rows.

use std::borrow::Cow;

use crate::domain::mapping::ColumnRule;
use crate::domain::nearest::did_you_mean;
use crate::domain::raw_tables::{ColumnType, RawColumn};
use crate::domain::timestamps::TimeFormat;
use crate::ingest::cell::Cell;
use crate::ingest::error::IngestError;
use crate::ingest::job::IngestJob;
use crate::ingest::names::in_backticks;
use crate::ingest::problem::Problem;
use crate::ingest::values::{Value, ValueReader};

/// No raw table has more columns.
pub(super) const COLUMNS_MAX: usize = 16;

/// The values of one row, in the table's order; missing beyond its last column.
pub(super) type Row<'a> = [Value<'a>; COLUMNS_MAX];

/// The fields that an input has, before the rules are applied.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// Names of the fields, in the order of the cells.
    pub(super) fields: Vec<String>,
    /// Whether there may be others.
    pub(super) extent: FieldExtent,
    /// How times are written unless a rule says otherwise.
    pub(super) time_format: TimeFormat,
    /// Where else to look for columns without a rule.
    pub(super) aliases: Vec<Alias>,
}

/// Whether the fields of an input are all known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldExtent {
    /// A header, or a format with fixed fields.
    Closed,
    /// Every row may have others: JSON. Fields that rules name are appended to the known ones.
    Open,
}

/// Another place where a canonical column is found.
#[derive(Debug, Clone)]
pub(super) struct Alias {
    pub(super) column: &'static str,
    pub(super) field: &'static str,
    pub(super) format: TimeFormat,
    pub(super) scale: Option<f64>,
}

/// Reads rows of cells as rows of the table.
#[derive(Debug, Clone)]
pub(super) struct RowReader {
    columns: Vec<ColumnReader>,
    /// Names of the fields, in the order of the cells.
    pub(super) fields: Vec<String>,
}

#[derive(Debug, Clone)]
struct ColumnReader {
    column: &'static RawColumn,
    source: ColumnSource,
}

#[derive(Debug, Clone)]
enum ColumnSource {
    Absent,
    Constant(Cell<'static>, ValueReader),
    /// The first of these fields that has a value.
    Fields(Vec<(usize, ValueReader)>),
}

impl RowReader {
    /// Matches the job's rules with the fields of `file`.
    pub(super) fn new(job: &IngestJob, file: &str, layout: Layout) -> Result<RowReader, IngestError> {
        check_rules(job)?;
        let mut matcher = Matcher { job, file, layout };
        let mut columns = Vec::new();
        for column in job.table.columns() {
            columns.push(ColumnReader { column, source: matcher.source(column)? });
        }
        Ok(RowReader { columns, fields: matcher.layout.fields })
    }

    /// The row's values, or all its problems.
    pub(super) fn read<'a>(&'a mut self, cells: &'a [Cell<'_>]) -> Result<Row<'a>, Vec<Problem>> {
        let mut row = Row::default();
        let mut problems = Vec::new();
        for (value, column) in row.iter_mut().zip(&mut self.columns) {
            match column.read(cells, &self.fields) {
                Ok(read) => *value = read,
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(row) } else { Err(problems) }
    }
}

impl ColumnReader {
    fn read<'a>(&'a mut self, cells: &'a [Cell<'_>], names: &[String]) -> Result<Value<'a>, Problem> {
        let (value, field) = match &mut self.source {
            ColumnSource::Absent => (Value::Missing, None),
            ColumnSource::Constant(cell, values) => (values.read(cell)?, None),
            ColumnSource::Fields(fields) => (first_present(fields, cells)?, fields.first().map(|(field, _)| *field)),
        };
        if value == Value::Missing && self.column.is_required() {
            return Err(missing(self.column.name, field.and_then(|field| names.get(field))));
        }
        Ok(value)
    }
}

fn missing(column: &str, field: Option<&String>) -> Problem {
    match field {
        Some(field) if field != column => Problem::new(format!("`{column}` is missing (read from `{field}`)")),
        _ => Problem::new(format!("`{column}` is missing")),
    }
}

fn first_present<'a>(fields: &mut [(usize, ValueReader)], cells: &'a [Cell<'_>]) -> Result<Value<'a>, Problem> {
    for (field, values) in fields {
        // A log line without optional fields at its end has fewer cells.
        let Some(cell) = cells.get(*field) else { continue };
        let value = values.read(cell)?;
        if value != Value::Missing {
            return Ok(value);
        }
    }
    Ok(Value::Missing)
}

fn check_rules(job: &IngestJob) -> Result<(), IngestError> {
    let names = || job.table.columns().iter().map(|column| column.name);
    for (name, rule) in &job.rules {
        let Some(column) = job.table.column(name) else {
            return Err(IngestError::UnknownColumn {
                table: job.table.name(),
                column: name.clone(),
                hint: did_you_mean(name, names()),
                known: in_backticks(names()),
            });
        };
        let holds_numbers = matches!(column.kind, ColumnType::Int | ColumnType::BigInt | ColumnType::Double);
        if matches!(rule, ColumnRule::From { scale: Some(_), .. }) && !holds_numbers {
            return Err(IngestError::Scale { column: column.name });
        }
    }
    Ok(())
}

struct Matcher<'j> {
    job: &'j IngestJob,
    file: &'j str,
    layout: Layout,
}

impl Matcher<'_> {
    fn source(&mut self, column: &'static RawColumn) -> Result<ColumnSource, IngestError> {
        match self.job.rules.get(column.name) {
            Some(ColumnRule::Value(text)) => self.constant(column, text),
            Some(ColumnRule::From { name, format, scale }) => {
                let values = self.values(column, format.as_ref().unwrap_or(&self.layout.time_format));
                let field = self.field(name).ok_or_else(|| self.no_field(column, name))?;
                Ok(ColumnSource::Fields(vec![(field, values.scaled(*scale))]))
            }
            None => self.unruled(column),
        }
    }

    /// The field of the same name, then the format's aliases.
    fn unruled(&mut self, column: &'static RawColumn) -> Result<ColumnSource, IngestError> {
        let own = self.values(column, &self.layout.time_format);
        let mut fields: Vec<_> = self.field(column.name).map(|field| (field, own)).into_iter().collect();
        let aliases: Vec<_> = self.layout.aliases.iter().filter(|alias| alias.column == column.name).cloned().collect();
        for alias in aliases {
            let values = self.values(column, &alias.format).scaled(alias.scale);
            fields.extend(self.field(alias.field).map(|field| (field, values)));
        }
        match fields.is_empty() {
            true if column.is_required() => Err(self.no_field(column, column.name)),
            true => Ok(ColumnSource::Absent),
            false => Ok(ColumnSource::Fields(fields)),
        }
    }

    fn constant(&self, column: &'static RawColumn, text: &str) -> Result<ColumnSource, IngestError> {
        let cell = Cell::Raw(Cow::Owned(text.to_owned()));
        let mut values = self.values(column, &TimeFormat::Iso);
        let problem = values.read(&cell).err().map(|problem| problem.to_string());
        match problem {
            Some(problem) => Err(IngestError::Constant { column: column.name, problem }),
            None => Ok(ColumnSource::Constant(cell, values)),
        }
    }

    fn values(&self, column: &'static RawColumn, format: &TimeFormat) -> ValueReader {
        ValueReader::new(column, format.clone(), self.job.zone)
    }

    /// Index of the field of that name; in an open layout it is added.
    fn field(&mut self, name: &str) -> Option<usize> {
        let known = self.layout.fields.iter().position(|field| field == name);
        if known.is_some() || self.layout.extent == FieldExtent::Closed {
            return known;
        }
        self.layout.fields.push(name.to_owned());
        Some(self.layout.fields.len() - 1)
    }

    fn no_field(&self, column: &'static RawColumn, wanted: &str) -> IngestError {
        let found = || self.layout.fields.iter().map(String::as_str);
        IngestError::MissingColumn {
            file: self.file.to_owned(),
            wanted: wanted.to_owned(),
            column: column.name,
            found: in_backticks(found()),
            hint: did_you_mean(wanted, found()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::raw_tables::RawTable;
    use crate::ingest::job::Format;

    fn job(rules: &[(&str, ColumnRule)]) -> IngestJob {
        IngestJob {
            table: RawTable::Ratings,
            inputs: Vec::new(),
            format: Format::Auto,
            rules: rules.iter().map(|(name, rule)| ((*name).to_owned(), rule.clone())).collect(),
            zone: chrono_tz::Tz::UTC,
            output: "raw/ratings".into(),
            quarantine: "raw/quarantine".into(),
        }
    }

    fn reader(fields: &[&str], rules: &[(&str, ColumnRule)]) -> Result<RowReader, String> {
        let layout = Layout {
            fields: fields.iter().map(|name| (*name).to_owned()).collect(),
            extent: FieldExtent::Closed,
            time_format: TimeFormat::Iso,
            aliases: Vec::new(),
        };
        RowReader::new(&job(rules), "r.csv", layout).map_err(|error| error.to_string())
    }

    #[test]
    fn no_table_has_too_many_columns() {
        assert!(RawTable::ALL.iter().all(|table| table.columns().len() <= COLUMNS_MAX));
    }

    #[test]
    fn a_broken_header_is_told_with_its_remedy() {
        let error = reader(&["ts", "userid", "course_id", "rating"], &[]).expect_err("no `user_id`");
        let expected = "`r.csv` has no column `user_id` for `user_id`; it has `ts`, `userid`, `course_id`, `rating`; \
                        did you mean `userid`?; name the right one in `columns.user_id`";
        assert_eq!(error, expected);
    }

    #[test]
    fn a_mapped_column_must_exist_even_if_optional() {
        let rule = ColumnRule::from_column("comment");
        let error = reader(&["ts", "user_id", "course_id", "rating"], &[("review", rule)]).expect_err("no `comment`");
        assert!(error.contains("no column `comment` for `review`"), "{error}");
    }

    #[test]
    fn rules_for_unknown_columns_are_refused() {
        let error = reader(&[], &[("user", ColumnRule::from_column("x"))]).expect_err("no such column");
        assert!(error.contains("did you mean `user_id`?"), "{error}");
    }

    #[test]
    fn constants_fill_every_row() {
        let rules = [("ts", ColumnRule::Value("2024-05-01".to_owned())), ("course_id", ColumnRule::Value("c1".to_owned()))];
        let mut reader = reader(&["user_id", "rating"], &rules).expect("complete");
        let cells = [Cell::raw("u"), Cell::raw("4")];
        let row = reader.read(&cells).expect("a row");
        assert_eq!(row[..2], [Value::Text("u"), Value::Text("c1")]);
        let bad = super::tests::reader(&["user_id", "rating", "course_id"], &[("ts", ColumnRule::Value("soon".to_owned()))]);
        assert!(bad.is_err_and(|error| error.contains("can't be used")));
    }

    #[test]
    fn all_problems_of_a_row_are_told() {
        let mut reader = reader(&["ts", "user_id", "course_id", "rating"], &[]).expect("complete");
        let cells = [Cell::Missing, Cell::raw("u"), Cell::raw("c"), Cell::raw("x")];
        let problems = reader.read(&cells).expect_err("two problems");
        let reasons: Vec<_> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(reasons, ["`rating` is `x`, expected a number", "`ts` is missing"]);
    }
}
