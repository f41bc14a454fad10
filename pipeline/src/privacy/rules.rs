//! A header's `[privacy]`, matched to the columns that its select yields.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::PrivacyError;
use crate::models::Header;
use crate::models::header::Privacy;

/// Name of the column that publication adds.
pub const SUPPRESSED: &str = "suppressed";
/// What it means, for readers of the table.
pub const SUPPRESSED_MEANING: &str = "whether a number of the row is held back, because it would tell of fewer than min_group members";

/// What is protected in a table; columns by their position.
#[derive(Debug, Clone)]
pub struct Rules {
    pub(super) table: String,
    pub(super) grain: Vec<usize>,
    /// A whole before its parts.
    pub(super) counts: Vec<CountRule>,
    /// Column, numerator, denominator.
    pub(super) ratios: Vec<[usize; 3]>,
    /// Column and position of its count in `counts`.
    pub(super) rests: Vec<(usize, usize)>,
    pub(super) totals: Vec<Vec<usize>>,
    /// Column of truth values: whether the numbers of a row will stay.
    pub(super) is_final: Option<usize>,
    exact: SchemaRef,
}

/// One count column.
#[derive(Debug, Clone)]
pub(super) struct CountRule {
    pub column: usize,
    /// Position in `counts` of what it is a part of.
    pub of: Option<usize>,
    /// Columns that tell its cells apart.
    pub by: Vec<usize>,
}

impl Rules {
    /// The rules of `header` for rows of `schema`; none where it protects nothing.
    ///
    /// # Errors
    /// When a column is absent, a count is no Int64, or there is already a column `suppressed`.
    pub fn new(table: &str, header: &Header, schema: &SchemaRef) -> Result<Option<Self>, PrivacyError> {
        let Some(privacy) = &header.privacy else { return Ok(None) };
        if schema.index_of(SUPPRESSED).is_ok() {
            return Err(PrivacyError::Suppressed { table: table.to_owned() });
        }
        let columns = Columns { table, schema };
        let grain = columns.all(&header.grain)?;
        let (names, counts) = columns.counts(privacy, &grain)?;
        let ratio = |(column, [numerator, denominator]): (&String, &[String; 2])| {
            Ok([columns.one(column)?, columns.one(numerator)?, columns.one(denominator)?])
        };
        let rest = |(column, count): (&String, &String)| Ok((columns.one(column)?, names[count.as_str()]));
        Ok(Some(Self {
            table: table.to_owned(),
            counts,
            ratios: privacy.ratios.iter().map(ratio).collect::<Result<_, PrivacyError>>()?,
            rests: privacy.rests.iter().map(rest).collect::<Result<_, PrivacyError>>()?,
            is_final: privacy.is_final.as_ref().map(|column| columns.flag(column)).transpose()?,
            totals: privacy.totals.iter().map(|set| columns.all(set)).collect::<Result<_, _>>()?,
            grain,
            exact: Arc::clone(schema),
        }))
    }

    /// The schema of the exact rows.
    #[must_use]
    pub fn exact_schema(&self) -> &SchemaRef {
        &self.exact
    }

    /// The schema of the released rows: the same, every column nullable, and `suppressed` last.
    #[must_use]
    pub fn released_schema(&self) -> SchemaRef {
        let fields = self.exact.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
        Arc::new(Schema::new(fields.chain([Field::new(SUPPRESSED, DataType::Boolean, true)]).collect::<Vec<_>>()))
    }

    /// Columns whose numbers are held back.
    pub(super) fn protected(&self) -> impl Iterator<Item = usize> {
        let counts = self.counts.iter().map(|rule| rule.column);
        counts.chain(self.ratios.iter().map(|[ratio, ..]| *ratio)).chain(self.rests.iter().map(|(column, _)| *column))
    }

    /// The name of a column.
    pub(super) fn name(&self, column: usize) -> &str {
        self.exact.field(column).name()
    }
}

struct Columns<'a> {
    table: &'a str,
    schema: &'a Schema,
}

impl Columns<'_> {
    fn one(&self, name: &str) -> Result<usize, PrivacyError> {
        self.schema.index_of(name).map_err(|_| PrivacyError::Missing { table: self.table.to_owned(), column: name.to_owned() })
    }

    fn all(&self, names: &[String]) -> Result<Vec<usize>, PrivacyError> {
        names.iter().map(|name| self.one(name)).collect()
    }

    fn flag(&self, name: &str) -> Result<usize, PrivacyError> {
        let column = self.one(name)?;
        match self.schema.field(column).data_type() {
            DataType::Boolean => Ok(column),
            other => Err(PrivacyError::Flag { table: self.table.to_owned(), column: name.to_owned(), found: other.to_string() }),
        }
    }

    fn count(&self, name: &str) -> Result<usize, PrivacyError> {
        let column = self.one(name)?;
        match self.schema.field(column).data_type() {
            DataType::Int64 => Ok(column),
            other => Err(PrivacyError::Type { table: self.table.to_owned(), column: name.to_owned(), found: other.to_string() }),
        }
    }

    /// Position by name, and the counts, each after what it is a part of.
    fn counts<'p>(&self, privacy: &'p Privacy, grain: &[usize]) -> Result<(BTreeMap<&'p str, usize>, Vec<CountRule>), PrivacyError> {
        let depth = |name: &String| std::iter::successors(Some(name), |n| privacy.counts[*n].of.as_ref()).count();
        let mut names: Vec<&String> = privacy.counts.keys().collect();
        names.sort_by_key(|name| depth(name));
        let positions: BTreeMap<&str, usize> = names.iter().enumerate().map(|(position, name)| (name.as_str(), position)).collect();
        let rule = |name: &&String| {
            let count = &privacy.counts[*name];
            let by = if count.by.is_empty() { grain.to_vec() } else { self.all(&count.by)? };
            Ok(CountRule { column: self.count(name)?, of: count.of.as_deref().map(|of| positions[of]), by })
        };
        let rules = names.iter().map(rule).collect::<Result<_, PrivacyError>>()?;
        Ok((positions, rules))
    }
}
