//! Reading only some days of a raw table: row groups that hold none of them are passed over, other rows are left out.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::footprint::{GroupDays, row_group_days};
use super::stream::MatchedFile;
use super::table::SourcesOptions;
use crate::domain::day_set::DaySet;
use crate::domain::raw_tables::RawTable;

/// The column by which rows are chosen.
const DATE: &str = "local_date";

/// The days that are wanted of a raw table.
#[derive(Debug)]
pub struct Window {
    table: RawTable,
    days: Arc<DaySet>,
    options: Arc<SourcesOptions>,
}

impl Window {
    /// The rows of `table` whose local day is in `days`.
    #[must_use]
    pub fn new(table: RawTable, days: Arc<DaySet>, options: Arc<SourcesOptions>) -> Self {
        Self { table, days, options }
    }

    /// The columns that must be worked out so that rows can be chosen: `wanted`, and after them the local day where it is not among them.
    #[must_use]
    pub fn with_date(wanted: &SchemaRef) -> SchemaRef {
        if wanted.index_of(DATE).is_ok() {
            return Arc::clone(wanted);
        }
        let date = Arc::new(Field::new(DATE, DataType::Date32, true));
        Arc::new(Schema::new(wanted.fields().iter().cloned().chain([date]).collect::<Vec<_>>()))
    }

    /// The wanted rows of `conformed`.
    ///
    /// # Errors
    /// When the local day is not among its columns.
    pub fn cut(&self, conformed: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let dates = conformed.column(conformed.schema().index_of(DATE)?).as_primitive::<Date32Type>();
        let wanted: BooleanArray = dates.iter().map(|day| Some(self.days.contains(day))).collect();
        if wanted.true_count() == wanted.len() { Ok(conformed.clone()) } else { filter_record_batch(conformed, &wanted) }
    }

    fn wants(&self, group: GroupDays) -> bool {
        (group.has_undated && self.days.has_undated()) || group.days.is_some_and(|(first, last)| self.days.meets(first, last))
    }
}

/// Neighbouring row groups that are read in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The row groups.
    pub groups: Range<usize>,
    /// Rows of the file before them.
    pub rows_before: u64,
    /// Rows in them.
    pub rows: u64,
}

/// The row groups of a file that may hold wanted rows; all where the footer does not tell.
#[must_use]
pub fn stretches(matched: &MatchedFile, window: Option<&Window>) -> Vec<Stretch> {
    let groups = matched.file.metadata.metadata().row_groups();
    let days = window.and_then(|w| row_group_days(w.table, matched, &w.options).map(|days| (w, days)));
    let (mut found, mut rows_before): (Vec<Stretch>, u64) = (Vec::new(), 0);
    for (i, group) in groups.iter().enumerate() {
        let rows = u64::try_from(group.num_rows()).unwrap_or(0);
        if days.as_ref().is_none_or(|(window, days)| window.wants(days[i])) {
            match found.last_mut() {
                Some(last) if last.groups.end == i => (last.groups.end, last.rows) = (i + 1, last.rows + rows),
                _ => found.push(Stretch { groups: i..i + 1, rows_before, rows }),
            }
        }
        rows_before += rows;
    }
    found
}
