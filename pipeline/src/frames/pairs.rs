//! Long tables of (row, column, value) as matrices, sparse or dense. Which table means what belongs to `recommend`.

use std::collections::HashSet;

use arrow::record_batch::RecordBatch;
use faer::Mat;
use hachi_solvers::{Csr, check_memory, dense_bytes};
use polars::prelude::{BooleanChunked, ChunkCompareIneq, Column, DataFrame, SortMultipleOptions};

use super::error::FramesError;
use super::ids::Ids;
use super::read::{Field, Kind, read_frame};

/// A long table and its three columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairNames {
    /// The table.
    pub table: &'static str,
    /// The column that becomes the rows of the matrix.
    pub row: &'static str,
    /// The column that becomes the columns of the matrix.
    pub column: &'static str,
    /// The column that becomes the values.
    pub value: &'static str,
}

/// Values by (row id, column id): each pair once, sorted by row, then column.
#[derive(Debug, Clone)]
pub struct Pairs {
    names: PairNames,
    frame: DataFrame,
}

impl Pairs {
    /// Reads a long table; pairs that occur more than once are summed.
    ///
    /// # Errors
    /// As [`read_frame`].
    pub fn read(batches: &[RecordBatch], names: PairNames) -> Result<Self, FramesError> {
        let text = |name| Field { name, kind: Kind::Text };
        let fields = [text(names.row), text(names.column), Field { name: names.value, kind: Kind::Number }];
        let frame = read_frame(names.table, batches, &fields)?;
        // Sorting by value as well fixes the order of the sums.
        let frame = frame.sort([names.row, names.column, names.value], SortMultipleOptions::default())?;
        Ok(Self { names, frame: sum_duplicates(&frame, names)? })
    }

    /// Number of pairs.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids of the rows.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn row_ids(&self) -> Result<Ids, FramesError> {
        self.ids(self.names.row)
    }

    /// The ids of the columns.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn column_ids(&self) -> Result<Ids, FramesError> {
        self.ids(self.names.column)
    }

    /// Without pairs whose column is not among `known`.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn with_columns_in(&self, known: &Ids) -> Result<Self, FramesError> {
        let kept: HashSet<&str> = known.iter().collect();
        self.filtered(&self.texts(self.names.column, |id| kept.contains(id))?)
    }

    /// Without pairs whose value is zero or less.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn with_positive_values(&self) -> Result<Self, FramesError> {
        self.filtered(&self.frame.column(self.names.value)?.f64()?.gt(0.0))
    }

    /// Without columns that occur in fewer than `rows` rows.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn with_columns_of_at_least(&self, rows: u32) -> Result<Self, FramesError> {
        let counts = self.frame.group_by([self.names.column])?.select([self.names.row]).count()?;
        let enough = counts.columns()[1].idx()?.gt_eq(rows);
        let kept = counts.filter(&enough)?;
        let kept: HashSet<&str> = kept.column(self.names.column)?.str()?.no_null_iter().collect();
        self.filtered(&self.texts(self.names.column, |id| kept.contains(id))?)
    }

    /// The pairs as a sparse matrix over the given ids.
    ///
    /// # Errors
    /// [`FramesError::UnknownId`] if the ids don't cover the pairs.
    pub fn to_sparse(&self, rows: &Ids, columns: &Ids) -> Result<Csr, FramesError> {
        let (row_lookup, column_lookup) = (rows.lookup(), columns.lookup());
        let mut offsets = vec![0; rows.len() + 1];
        let mut indices = Vec::with_capacity(self.len());
        for (row, column, _) in self.triples()? {
            offsets[row_lookup.index_of(row)? as usize + 1] += 1;
            indices.push(column_lookup.index_of(column)?);
        }
        (0..rows.len()).for_each(|row| offsets[row + 1] += offsets[row]);
        let values = self.frame.column(self.names.value)?.f64()?.no_null_iter().collect();
        Ok(Csr::new(columns.len(), offsets, indices, values)?)
    }

    /// The pairs as a dense matrix, turned: one matrix column for each of `rows` in that order, one matrix row for each of
    /// `columns`. Pairs that are absent are 0, pairs of other rows are left out.
    ///
    /// # Errors
    /// [`FramesError::Matrix`] if it needs more than `limit_bytes`, [`FramesError::UnknownId`] for a column id not in `columns`.
    pub fn to_dense_turned(&self, rows: &[&str], columns: &Ids, limit_bytes: u64) -> Result<Mat<f64>, FramesError> {
        let needed = dense_bytes(rows.len(), columns.len(), 8);
        check_memory(self.names.table, needed, limit_bytes, "keep fewer of its columns, or raise the memory limit")?;
        let places: std::collections::HashMap<&str, usize> = rows.iter().copied().zip(0..).collect();
        let lookup = columns.lookup();
        let mut dense = Mat::zeros(columns.len(), rows.len());
        for (row, column, value) in self.triples()? {
            if let Some(&place) = places.get(row) {
                dense[(lookup.index_of(column)? as usize, place)] = value;
            }
        }
        Ok(dense)
    }

    fn triples(&self) -> Result<impl Iterator<Item = (&str, &str, f64)> + '_, FramesError> {
        let rows = self.frame.column(self.names.row)?.str()?.no_null_iter();
        let columns = self.frame.column(self.names.column)?.str()?.no_null_iter();
        let values = self.frame.column(self.names.value)?.f64()?.no_null_iter();
        Ok(rows.zip(columns).zip(values).map(|((row, column), value)| (row, column, value)))
    }

    fn ids(&self, column: &str) -> Result<Ids, FramesError> {
        Ok(self.frame.column(column)?.unique()?.str()?.no_null_iter().collect())
    }

    fn texts(&self, column: &str, keep: impl Fn(&str) -> bool) -> Result<BooleanChunked, FramesError> {
        Ok(self.frame.column(column)?.str()?.no_null_iter().map(keep).collect())
    }

    fn filtered(&self, mask: &BooleanChunked) -> Result<Self, FramesError> {
        Ok(Self { names: self.names, frame: self.frame.filter(mask)? })
    }
}

/// One row for each pair; the frame comes sorted, and leaves sorted.
#[expect(deprecated, reason = "the replacement is Polars' lazy engine, which would double the build for one sum")]
fn sum_duplicates(frame: &DataFrame, names: PairNames) -> Result<DataFrame, FramesError> {
    let summed = frame.group_by_stable([names.row, names.column])?.select([names.value]).sum()?;
    let mut columns: Vec<Column> = summed.columns().to_vec();
    columns[2].rename(names.value.into());
    Ok(DataFrame::new(summed.height(), columns)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, StringArray};

    use super::*;

    const NAMES: PairNames = PairNames { table: "t", row: "r", column: "c", value: "v" };

    fn pairs(rows: &[(&str, &str, f64)]) -> Pairs {
        let row_ids: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0)));
        let column_ids: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.1)));
        let values: ArrayRef = Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.2)));
        let batch = RecordBatch::try_from_iter([("r", row_ids), ("c", column_ids), ("v", values)]).unwrap();
        Pairs::read(&[batch], NAMES).unwrap()
    }

    #[test]
    fn duplicates_are_summed_and_rows_sorted() {
        let pairs = pairs(&[("b", "y", 1.0), ("a", "x", 2.0), ("b", "x", 0.5), ("b", "y", 3.0)]);
        let triples: Vec<_> = pairs.triples().unwrap().collect();
        assert_eq!(triples, [("a", "x", 2.0), ("b", "x", 0.5), ("b", "y", 4.0)]);
    }

    #[test]
    fn filters_keep_what_they_say() {
        let pairs = pairs(&[("a", "x", 1.0), ("b", "x", -1.0), ("a", "y", 1.0)]);
        let columns = |pairs: &Pairs| pairs.column_ids().unwrap().iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(columns(&pairs.with_columns_of_at_least(2).unwrap()), ["x"]);
        assert_eq!(pairs.with_positive_values().unwrap().len(), 2);
        assert_eq!(columns(&pairs.with_columns_in(&["y", "z"].into_iter().collect()).unwrap()), ["y"]);
        assert_eq!(pairs.row_ids().unwrap().len(), 2);
    }

    #[test]
    fn sparse_and_dense_agree() {
        let pairs = pairs(&[("b", "y", 4.0), ("a", "x", 2.0), ("b", "x", 0.5)]);
        let (rows, columns): (Ids, Ids) = (["a", "b", "c"].into_iter().collect(), ["x", "y"].into_iter().collect());
        let sparse = pairs.to_sparse(&rows, &columns).unwrap();
        assert_eq!(sparse.row(1).collect::<Vec<_>>(), [(0, 0.5), (1, 4.0)]);
        assert_eq!((sparse.rows(), sparse.row_columns(2).len()), (3, 0));
        let dense = pairs.to_dense_turned(&["b", "c"], &columns, 1000).unwrap();
        assert_eq!(dense, faer::mat![[0.5, 0.0], [4.0, 0.0]]);
        assert!(pairs.to_dense_turned(&["b"], &columns, 15).is_err());
        assert!(matches!(pairs.to_sparse(&rows, &Ids::default()), Err(FramesError::UnknownId { .. })));
    }

    #[test]
    fn no_batches_give_no_pairs() {
        let pairs = Pairs::read(&[], NAMES).unwrap();
        assert!(pairs.is_empty() && pairs.with_columns_of_at_least(1).unwrap().is_empty());
        assert!(pairs.row_ids().unwrap().is_empty());
    }
}
