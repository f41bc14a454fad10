//! The released columns: counts without what is hidden, and what rests on them.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, new_null_array};
use arrow::compute::{cast, interleave};
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;

use super::Rules;
use super::before::Earlier;
use super::cells::Cells;

/// Released rows that were there before: the row then, by the row now.
pub(super) struct Then<'a> {
    pub earlier: &'a Earlier,
    pub rows: HashMap<usize, usize>,
}

/// `exact` with what `cells` hide and keep, and the column `suppressed`.
pub(super) fn write(rules: &Rules, exact: &RecordBatch, cells: &[Cells], then: Option<&Then<'_>>) -> Result<RecordBatch, ArrowError> {
    let rows = exact.num_rows();
    let mut columns = exact.columns().to_vec();
    for (rule, cells) in rules.counts.iter().zip(cells) {
        columns[rule.column] = Arc::new((0..rows).map(|row| cells.released(row)).collect::<Int64Array>());
    }
    for &(column, count) in &rules.rests {
        columns[column] = rest(exact.column(column), (column, &cells[count]), then)?;
    }
    for &[column, numerator, denominator] in &rules.ratios {
        let parts = [numerator, denominator];
        let changed = |row: usize| {
            let of_part = |(rule, cells): (&super::rules::CountRule, &Cells)| parts.contains(&rule.column) && is_changed(cells, row);
            let of_rest = |&(rest, count): &(usize, usize)| parts.contains(&rest) && is_changed(&cells[count], row);
            rules.counts.iter().zip(cells).any(of_part) || rules.rests.iter().any(of_rest)
        };
        columns[column] = ratio(&columns[column], &columns[numerator], &columns[denominator], changed)?;
    }
    let is_hidden = |row: usize| cells.iter().any(|cells| cells.holds_back(row));
    columns.push(Arc::new((0..rows).map(|row| Some(is_hidden(row))).collect::<BooleanArray>()));
    RecordBatch::try_new(rules.released_schema(), columns)
}

/// Whether the row shows something else than what is.
fn is_changed(cells: &Cells, row: usize) -> bool {
    let cell = cells.grid.of_row[row];
    cells.is_hidden[cell] || cells.is_kept(cell)
}

/// A column that is hidden and kept with its count.
fn rest(exact: &ArrayRef, (column, count): (usize, &Cells), then: Option<&Then<'_>>) -> Result<ArrayRef, ArrowError> {
    let nothing = new_null_array(exact.data_type(), 1);
    let before = then.map_or_else(|| Arc::clone(&nothing), |then| then.earlier.column(column, exact.data_type()));
    let from = |row: usize| {
        let cell = count.grid.of_row[row];
        let kept = then.filter(|_| count.is_kept(cell)).and_then(|then| then.rows.get(&row));
        match kept {
            _ if count.is_hidden[cell] => (2, 0),
            Some(&then) => (1, then),
            None => (0, row),
        }
    };
    let picks: Vec<(usize, usize)> = (0..exact.len()).map(from).collect();
    interleave(&[exact.as_ref(), before.as_ref(), nothing.as_ref()], &picks)
}

/// A ratio, computed again in the rows whose parts show something else than what is.
fn ratio(exact: &ArrayRef, numerator: &ArrayRef, denominator: &ArrayRef, changed: impl Fn(usize) -> bool) -> Result<ArrayRef, ArrowError> {
    let double = |array: &ArrayRef| cast(array, &DataType::Float64);
    let (old, above, below) = (double(exact)?, double(numerator)?, double(denominator)?);
    let [old, above, below] = [&old, &above, &below].map(|array| array.as_primitive::<Float64Type>().iter());
    let again = old.zip(above.zip(below)).enumerate().map(|(row, (old, (above, below)))| {
        if changed(row) { above.zip(below).filter(|(_, below)| *below != 0.0).map(|(above, below)| above / below) } else { old }
    });
    let again: ArrayRef = Arc::new(again.collect::<Float64Array>());
    cast(&again, exact.data_type())
}
