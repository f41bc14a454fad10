//! `DayBuffer`: rows of any days in bounded memory, given out day by day.
//!
//! One set of columns for all days, sorted when it is full, instead of one set a day: a file may touch thousands of days
//! in any order, and memory must not grow with them.

use std::ops::Range;

use arrow::array::{RecordBatch, UInt64Array};
use arrow::compute::take_record_batch;

use crate::domain::raw_tables::RawTable;
use crate::ingest::columns::Row;
use crate::ingest::row::RowBuilder;

/// Text that is buffered before it is written, in bytes as read.
pub(super) const BUFFER_BYTES_MAX: usize = 128 * 1024 * 1024;
/// What a row takes besides its text: numbers, offsets, its day.
const ROW_OVERHEAD_BYTES: usize = 128;

/// Rows waiting to be written.
pub(super) struct DayBuffer {
    rows: RowBuilder,
    /// Local day of each row; empty for tables without days.
    days: Vec<i32>,
    count: usize,
    bytes: usize,
}

impl DayBuffer {
    pub(super) fn new(table: RawTable) -> DayBuffer {
        DayBuffer { rows: RowBuilder::new(table), days: Vec::new(), count: 0, bytes: 0 }
    }

    /// Adds a row that was read from `bytes` bytes.
    pub(super) fn push(&mut self, row: &Row<'_>, day: Option<i32>, bytes: usize) {
        self.rows.push(row);
        self.days.extend(day);
        self.count += 1;
        self.bytes += bytes + ROW_OVERHEAD_BYTES;
    }

    /// Whether it is time to write.
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= BUFFER_BYTES_MAX
    }

    /// Rows waiting.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// All rows, by day in ascending order and within a day as they came; the buffer starts anew.
    pub(super) fn finish(&mut self) -> Vec<(Option<i32>, RecordBatch)> {
        let rows = self.rows.finish();
        let days = std::mem::take(&mut self.days);
        (self.count, self.bytes) = (0, 0);
        match (rows.num_rows(), days.is_empty()) {
            (0, _) => Vec::new(),
            (_, true) => vec![(None, rows)],
            _ => by_day(&rows, days),
        }
    }
}

fn by_day(rows: &RecordBatch, mut days: Vec<i32>) -> Vec<(Option<i32>, RecordBatch)> {
    if days.is_sorted() {
        return runs(&days).map(|run| (Some(days[run.start]), rows.slice(run.start, run.len()))).collect();
    }
    let mut order: Vec<u64> = (0..days.len() as u64).collect();
    order.sort_by_key(|row| days[usize::try_from(*row).unwrap_or(usize::MAX)]);
    days.sort_unstable();
    let taken = runs(&days).map(|run| {
        let indices = UInt64Array::from(order[run.clone()].to_vec());
        let part = take_record_batch(rows, &indices).expect("indices are those of the rows");
        (Some(days[run.start]), part)
    });
    taken.collect()
}

/// Ranges of equal neighbours.
fn runs(days: &[i32]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    days.chunk_by(|a, b| a == b).map(move |run| {
        start += run.len();
        start - run.len()..start
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::values::Value;
    use arrow::array::AsArray;
    use arrow::datatypes::TimestampMicrosecondType;

    fn check(days: &[i32], expected: &[(i32, &[i64])]) {
        let mut buffer = DayBuffer::new(RawTable::AccessLog);
        for (index, day) in days.iter().enumerate() {
            let mut row = Row::default();
            row[0] = Value::Micros(index as i64);
            buffer.push(&row, Some(*day), 10);
        }
        assert_eq!(buffer.len(), days.len());
        let parts = buffer.finish();
        let times = |rows: &RecordBatch| rows.column(0).as_primitive::<TimestampMicrosecondType>().values().to_vec();
        let parts: Vec<_> = parts.iter().map(|(day, rows)| (day.expect("a day"), times(rows))).collect();
        assert_eq!(parts, expected.iter().map(|(day, times)| (*day, times.to_vec())).collect::<Vec<_>>());
        assert!(buffer.finish().is_empty());
    }

    #[test]
    fn rows_keep_their_order_within_a_day() {
        check(&[1, 1, 2], &[(1, &[0, 1]), (2, &[2])]);
        check(&[5, -3, 5, -3], &[(-3, &[1, 3]), (5, &[0, 2])]);
        check(&[], &[]);
    }

    #[test]
    fn tables_without_days_stay_whole() {
        let mut buffer = DayBuffer::new(RawTable::Members);
        buffer.push(&Row::default(), None, 10);
        let parts = buffer.finish();
        assert_eq!((parts.len(), parts[0].0, parts[0].1.num_rows()), (1, None, 1));
    }

    #[test]
    fn a_full_buffer_says_so() {
        let mut buffer = DayBuffer::new(RawTable::AccessLog);
        buffer.push(&Row::default(), Some(0), BUFFER_BYTES_MAX);
        assert!(buffer.is_full());
        buffer.finish();
        assert!(!buffer.is_full());
    }
}
