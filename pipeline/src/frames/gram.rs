//! Sums over pairs of courses become square matrices, row by row as they come.

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use arrow::error::ArrowError;
use faer::Mat;
use hachi_solvers::{check_memory, dense_bytes};

use super::error::FramesError;
use super::ids::Ids;

/// Rows of one side, and of the other, and two sums.
const ROW: &str = "course_id";
const COLUMN: &str = "other_course_id";
const MEMBERS: &str = "members";
const RECENCY: &str = "recency";

/// What a query sums over the members who chose two courses; courses × courses.
pub struct Gram {
    /// Members who chose both, whole.
    pub members: Mat<f64>,
    /// What is left of the row's course, over those who chose the column's too.
    pub recency: Mat<f32>,
}

impl Gram {
    /// Adds up the `batches` of `table`; rows of other courses than `courses` are left out, pairs without a row are 0.
    ///
    /// # Errors
    /// [`FramesError`] for columns that are missing or of another type, missing values, numbers that are not finite, and matrices
    /// larger than `limit_bytes`, which are refused before anything is read.
    pub fn read(
        table: &'static str,
        batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
        courses: &Ids,
        limit_bytes: u64,
    ) -> Result<Self, FramesError> {
        let count = courses.len();
        let bytes = dense_bytes(count, count, 8).saturating_add(dense_bytes(count, count, 4));
        check_memory(table, bytes, limit_bytes, "use fewer courses or raise the memory limit")?;
        let mut gram = Self { members: Mat::zeros(count, count), recency: Mat::zeros(count, count) };
        let mut row = 0;
        for batch in batches {
            let batch = batch.map_err(|source| FramesError::Rows { table, source })?;
            gram.add(table, &batch, (courses, row))?;
            row += batch.num_rows();
        }
        Ok(gram)
    }

    /// Adds a batch whose first row is number `first` of all.
    fn add(&mut self, table: &'static str, batch: &RecordBatch, (courses, first): (&Ids, usize)) -> Result<(), FramesError> {
        let column = |column, wanted: DataType, expected| {
            let found = batch.column_by_name(column).ok_or(FramesError::MissingColumn { table, column })?;
            let values = cast(found, &wanted).map_err(|source| FramesError::Cast { table, column, expected, source })?;
            match (0..values.len()).find(|row| values.is_null(*row)) {
                Some(row) => Err(FramesError::Null { table, column, row: first + row }),
                None => Ok(values),
            }
        };
        let ids = |name| column(name, DataType::Utf8, "text");
        let (ones, others) = (ids(ROW)?, ids(COLUMN)?);
        let numbers = |name| {
            let values = column(name, DataType::Float64, "a number")?;
            let infinite = values.as_primitive::<Float64Type>().values().iter().zip(first..).find(|(value, _)| !value.is_finite());
            match infinite {
                Some((&value, row)) => Err(FramesError::NotFinite { table, column: name, row, value }),
                None => Ok(values),
            }
        };
        let (members, recency) = (numbers(MEMBERS)?, numbers(RECENCY)?);
        let places = ones.as_string::<i32>().iter().zip(others.as_string::<i32>());
        let sums = members.as_primitive::<Float64Type>().values().iter().zip(recency.as_primitive::<Float64Type>().values());
        for ((one, other), (members, recency)) in places.zip(sums) {
            let place = |id: Option<&str>| id.and_then(|id| courses.index_of(id)).map(|index| index as usize);
            if let (Some(one), Some(other)) = (place(one), place(other)) {
                self.members[(other, one)] += members;
                self.recency[(other, one)] += *recency as f32;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};

    use super::*;

    type Row<'a> = (&'a str, &'a str, i64, Option<f64>);

    fn batch(rows: &[Row<'_>]) -> Result<RecordBatch, ArrowError> {
        let texts = |of: fn(&Row<'_>) -> String| Arc::new(StringArray::from_iter_values(rows.iter().map(of)));
        let columns: [(&str, ArrayRef); 4] = [
            (ROW, texts(|row| row.0.to_owned())),
            (COLUMN, texts(|row| row.1.to_owned())),
            (MEMBERS, Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>())),
            (RECENCY, Arc::new(rows.iter().map(|row| row.3).collect::<Float64Array>())),
        ];
        RecordBatch::try_from_iter(columns)
    }

    fn read(batches: Vec<Result<RecordBatch, ArrowError>>, limit_bytes: u64) -> Result<Gram, FramesError> {
        let courses: Ids = ["go".to_owned(), "rust".to_owned()].into_iter().collect();
        Gram::read("course_gram", batches.into_iter(), &courses, limit_bytes)
    }

    #[test]
    fn rows_of_all_batches_find_their_places() {
        let first = batch(&[("go", "go", 3, Some(1.5)), ("go", "rust", 2, Some(1.25)), ("sql", "go", 9, Some(9.0))]);
        let gram = read(vec![first, batch(&[("rust", "go", 2, Some(0.5))])], 1 << 20).unwrap();
        assert_eq!(gram.members, faer::mat![[3.0, 2.0], [2.0, 0.0]]);
        assert_eq!(gram.recency, faer::mat![[1.5_f32, 0.5], [1.25, 0.0]]);
    }

    #[test]
    fn bad_rows_are_named() {
        let failed = |batches| read(batches, 1 << 20).map(drop).unwrap_err().to_string();
        let good = || batch(&[("go", "go", 1, Some(1.0))]);
        let message = failed(vec![good(), batch(&[("go", "go", 1, Some(f64::NAN))])]);
        assert_eq!(message, "`course_gram.recency` is NaN in row 1, expected a finite number");
        assert_eq!(failed(vec![good(), batch(&[("go", "go", 1, None)])]), "`course_gram.recency` is null in row 1, expected a value");
        assert_eq!(failed(vec![Err(ArrowError::ComputeError("spilled".to_owned()))]), "`course_gram` could not be read");
        assert!(failed(vec![good().map(|batch| batch.project(&[0, 1, 2]).unwrap())]).contains("no column `recency`"));
        assert!(read(Vec::new(), 47).map(drop).unwrap_err().to_string().contains("matrix"));
    }
}
