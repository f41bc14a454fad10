//! Rows whose numbers will stay, and rows whose numbers still grow: of the latter nothing is told.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, UInt64Array, new_null_array};
use arrow::compute::{concat_batches, filter_record_batch, not, take_record_batch};
use arrow::error::ArrowError;

use super::Rules;

/// The exact rows in two parts.
pub(super) struct Parted {
    /// Rows whose numbers will stay.
    pub last: RecordBatch,
    /// Rows whose numbers still grow.
    growing: RecordBatch,
    /// Where each row was in the two parts, the growing after the others.
    places: Vec<u64>,
}

impl Parted {
    /// Of `exact`; where nothing is hidden, or the rules know of no growing, all rows are of the first part.
    pub fn new(rules: &Rules, exact: RecordBatch, k: i64) -> Result<Self, ArrowError> {
        let rows = exact.num_rows();
        let Some(column) = rules.is_final.filter(|_| k > 1) else {
            return Ok(Self { growing: exact.slice(0, 0), last: exact, places: (0..rows as u64).collect() });
        };
        let flags = exact.column(column).as_boolean();
        let is_last: BooleanArray = (0..rows).map(|row| Some(flags.is_valid(row) && flags.value(row))).collect();
        let (mut next_last, mut next_growing) = (0, is_last.true_count() as u64);
        let place = |is_last: bool| {
            let next = if is_last { &mut next_last } else { &mut next_growing };
            *next += 1;
            *next - 1
        };
        let places = is_last.values().iter().map(place).collect();
        Ok(Self { last: filter_record_batch(&exact, &is_last)?, growing: filter_record_batch(&exact, &not(&is_last)?)?, places })
    }

    /// The released rows of the first part and the rows of the second without numbers, in their first order.
    pub fn join(self, rules: &Rules, released: RecordBatch) -> Result<RecordBatch, ArrowError> {
        if self.growing.num_rows() == 0 {
            return Ok(released);
        }
        let rows = self.growing.num_rows();
        let exact = self.growing.columns();
        let is_held_back = |row: usize| rules.protected().any(|column| exact[column].is_valid(row));
        let suppressed: BooleanArray = (0..rows).map(|row| Some(is_held_back(row))).collect();
        let mut columns: Vec<ArrayRef> = self.growing.columns().to_vec();
        for column in rules.protected() {
            columns[column] = new_null_array(columns[column].data_type(), rows);
        }
        columns.push(Arc::new(suppressed));
        let schema = rules.released_schema();
        let growing = RecordBatch::try_new(Arc::clone(&schema), columns)?;
        take_record_batch(&concat_batches(&schema, [&released, &growing])?, &UInt64Array::from(self.places))
    }
}
