//! Rows of member, course, rating and time, with ids as codes. Which file they come from belongs to `files`.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use arrow::record_batch::RecordBatch;

use crate::frames::{FramesError, Interner};

/// A row. Codes are those of [`Codes`] until a dataset gives them places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairRow {
    /// Code of the member.
    pub user: u32,
    /// Code of the course.
    pub course: u32,
    /// What the member gave, if that is known.
    pub rating: Option<f64>,
    /// Whether the member chose the course; not so where a low rating is all that is known.
    pub is_positive: bool,
    /// When, in any unit that rises; 0 where rows have no time.
    pub time: i64,
}

/// Rows of one table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<PairRow>,
    /// Whether they may have ratings.
    pub are_rated: bool,
}

/// Codes of members and courses, shared by all tables of a protocol.
#[derive(Debug, Clone, Default)]
pub struct Codes {
    /// Members.
    pub users: Interner,
    /// Courses.
    pub courses: Interner,
}

/// A table and the columns that are read of it; the optional ones only where it has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// For messages.
    pub table: &'static str,
    /// Whether `rating` and `ts` are read where they are there.
    pub reads_more: bool,
}

pub(super) const USER: &str = "user_id";
pub(super) const COURSE: &str = "course_id";
pub(super) const RATING: &str = "rating";
pub(super) const TIME: &str = "ts";

impl Rows {
    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// [`FramesError`] for a missing column, a null, a rating that is not finite, or a type that doesn't cast.
    pub fn push(&mut self, batch: &RecordBatch, layout: Layout, codes: &mut Codes) -> Result<(), FramesError> {
        let read = |column, kind: &DataType| self.column(batch, layout.table, (column, kind));
        let (users, courses) = (read(USER, &DataType::Utf8)?, read(COURSE, &DataType::Utf8)?);
        let has = |column| layout.reads_more && batch.column_by_name(column).is_some();
        let ratings = if has(RATING) { Some(read(RATING, &DataType::Float64)?) } else { None };
        let times = if has(TIME) { Some(read(TIME, &DataType::Int64)?) } else { None };
        if let Some(ratings) = &ratings {
            self.check_finite(ratings, layout.table)?;
        }
        self.are_rated = ratings.is_some();
        self.rows.reserve(batch.num_rows());
        for row in 0..batch.num_rows() {
            self.rows.push(PairRow {
                user: codes.users.code(users.as_string::<i32>().value(row)),
                course: codes.courses.code(courses.as_string::<i32>().value(row)),
                rating: ratings.as_ref().map(|ratings| ratings.as_primitive::<Float64Type>().value(row)),
                is_positive: true,
                time: times.as_ref().map_or(0, |times| times.as_primitive::<Int64Type>().value(row)),
            });
        }
        Ok(())
    }

    /// A column of a batch as `kind`, without nulls.
    fn column(&self, batch: &RecordBatch, table: &'static str, (column, kind): (&'static str, &DataType)) -> Result<ArrayRef, FramesError> {
        let array = batch.column_by_name(column).ok_or(FramesError::MissingColumn { table, column })?;
        let expected = match kind {
            DataType::Utf8 => "text",
            DataType::Int64 => "a time",
            _ => "a number",
        };
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        let array = cast_with_options(array, kind, &strict).map_err(|source| FramesError::Cast { table, column, expected, source })?;
        match (0..array.len()).find(|&row| array.is_null(row)) {
            Some(row) => Err(FramesError::Null { table, column, row: self.rows.len() + row }),
            None => Ok(array),
        }
    }

    fn check_finite(&self, ratings: &ArrayRef, table: &'static str) -> Result<(), FramesError> {
        let values = ratings.as_primitive::<Float64Type>().values();
        match values.iter().position(|value| !value.is_finite()) {
            Some(row) => Err(FramesError::NotFinite { table, column: RATING, row: self.rows.len() + row, value: values[row] }),
            None => Ok(()),
        }
    }

    /// Each pair once, by member and course: where it occurs more than once, with the mean of its latest ratings.
    pub(super) fn distinct(mut self) -> Self {
        self.rows.sort_unstable_by(|left, right| {
            let place = |row: &PairRow| (row.user, row.course, std::cmp::Reverse(row.time));
            // Ratings as well, because the order of a sum shows in its last digit.
            place(left).cmp(&place(right)).then(by_rating(left.rating, right.rating))
        });
        let same_pair = |left: &PairRow, right: &PairRow| (left.user, left.course) == (right.user, right.course);
        let of_pair = |rows: &[PairRow]| {
            let latest = rows.iter().take_while(|row| row.time == rows[0].time);
            let given: Vec<f64> = latest.filter_map(|row| row.rating).collect();
            let rating = (!given.is_empty()).then(|| given.iter().sum::<f64>() / given.len() as f64);
            PairRow { rating, is_positive: rows.iter().any(|row| row.is_positive), ..rows[0] }
        };
        let rows = self.rows.chunk_by(same_pair).map(of_pair).collect();
        Self { rows, ..self }
    }
}

fn by_rating(left: Option<f64>, right: Option<f64>) -> std::cmp::Ordering {
    let number = |rating: Option<f64>| rating.unwrap_or(f64::NEG_INFINITY);
    number(left).total_cmp(&number(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_pair_the_mean_of_its_latest_ratings_stands() {
        let row = |user, course, rating, time| PairRow { user, course, rating, is_positive: true, time };
        let rows = vec![row(1, 0, Some(5.0), 1), row(0, 7, None, 0), row(1, 0, Some(2.0), 2), row(1, 0, Some(3.0), 2)];
        let distinct = Rows { rows, are_rated: true }.distinct();
        assert_eq!(distinct.rows, [row(0, 7, None, 0), row(1, 0, Some(2.5), 2)]);
    }
}
