//! Long tables of (row, column, value) as matrices, sparse or dense. Which table means what belongs to `recommend`.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use faer::Mat;
use hachi_solvers::{Csr, check_memory, dense_bytes};
use polars::prelude::{BooleanChunked, ChunkCompareIneq, Column, DataFrame, IntoColumn, SortMultipleOptions, UInt32Chunked};

use super::error::FramesError;
use super::ids::Ids;
use super::read::{flag_column, number_column, read_ids};

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
    /// Columns of numbers that may take the place of the values.
    pub others: &'static [&'static str],
    /// Columns of true and false that pairs can be chosen by; null is false.
    pub flags: &'static [&'static str],
}

/// Values by (row id, column id): each pair once, sorted by row, then column. Ids are kept once, pairs as indices of them.
#[derive(Debug, Clone)]
pub struct Pairs {
    names: PairNames,
    rows: Arc<Ids>,
    columns: Arc<Ids>,
    frame: DataFrame,
}

impl Pairs {
    /// Reads a long table; pairs that occur more than once are summed.
    ///
    /// # Errors
    /// [`FramesError`] for a missing column, a null, a number that is not finite, or a type that doesn't cast.
    pub fn read(batches: &[RecordBatch], names: PairNames) -> Result<Self, FramesError> {
        let (rows, row_of) = read_ids(names.table, batches, names.row)?;
        let (columns, column_of) = read_ids(names.table, batches, names.column)?;
        let values = number_column(names.table, batches, names.value)?;
        let indices = |name: &str, indices: Vec<u32>| UInt32Chunked::from_vec(name.into(), indices).into_column();
        let height = values.len();
        let mut read = vec![indices(names.row, row_of), indices(names.column, column_of), values];
        for other in names.others {
            read.push(number_column(names.table, batches, other)?);
        }
        for flag in names.flags {
            read.push(flag_column(names.table, batches, flag)?);
        }
        let frame = DataFrame::new(height, read)?;
        // Sorting by value as well fixes the order of the sums.
        let frame = frame.sort([names.row, names.column, names.value], SortMultipleOptions::default())?;
        Ok(Self { names, rows: Arc::new(rows), columns: Arc::new(columns), frame: sum_duplicates(&frame, names)? })
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
        self.present(self.names.row, &self.rows)
    }

    /// The ids of the columns.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn column_ids(&self) -> Result<Ids, FramesError> {
        self.present(self.names.column, &self.columns)
    }

    /// Without pairs whose column is not among `known`.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn with_columns_in(&self, known: &Ids) -> Result<Self, FramesError> {
        let is_known: Vec<bool> = self.columns.positions_in(known).iter().map(Option::is_some).collect();
        self.with_columns(&is_known)
    }

    /// Without pairs whose value is zero or less.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn with_positive_values(&self) -> Result<Self, FramesError> {
        self.filtered(&self.frame.column(self.names.value)?.f64()?.gt(0.0))
    }

    /// Only pairs with a flag.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn with_flag(&self, flag: &'static str) -> Result<Self, FramesError> {
        self.filtered(&self.frame.column(flag)?.u32()?.gt(0))
    }

    /// The same pairs with the values of another column.
    pub fn valued_by(&self, other: &'static str) -> Self {
        Self { names: PairNames { value: other, ..self.names }, ..self.clone() }
    }

    /// Without columns that occur in fewer than `rows` rows.
    ///
    /// # Errors
    /// [`FramesError::Frame`] if Polars refuses.
    pub fn with_columns_of_at_least(&self, rows: u32) -> Result<Self, FramesError> {
        let mut counts = vec![0_u32; self.columns.len()];
        self.indices(self.names.column)?.for_each(|column| counts[column as usize] += 1);
        self.with_columns(&counts.into_iter().map(|count| count >= rows).collect::<Vec<_>>())
    }

    /// The pairs as a sparse matrix over the given ids.
    ///
    /// # Errors
    /// [`FramesError::UnknownId`] if the ids don't cover the pairs.
    pub fn to_sparse(&self, rows: &Ids, columns: &Ids) -> Result<Csr, FramesError> {
        let (row_places, column_places) = (self.rows.positions_in(rows), self.columns.positions_in(columns));
        let mut offsets = vec![0; rows.len() + 1];
        let mut indices = Vec::with_capacity(self.len());
        for (row, column, _) in self.triples()? {
            offsets[place(&row_places, row, (&self.rows, rows))? as usize + 1] += 1;
            indices.push(place(&column_places, column, (&self.columns, columns))?);
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
        let wanted: HashMap<&str, usize> = rows.iter().copied().zip(0..).collect();
        let row_places: Vec<Option<usize>> = self.rows.iter().map(|id| wanted.get(id).copied()).collect();
        let column_places = self.columns.positions_in(columns);
        let mut dense = Mat::zeros(columns.len(), rows.len());
        for (row, column, value) in self.triples()? {
            if let Some(row_place) = row_places[row as usize] {
                dense[(place(&column_places, column, (&self.columns, columns))? as usize, row_place)] = value;
            }
        }
        Ok(dense)
    }

    fn indices(&self, column: &str) -> Result<impl Iterator<Item = u32> + '_, FramesError> {
        Ok(self.frame.column(column)?.u32()?.no_null_iter())
    }

    fn triples(&self) -> Result<impl Iterator<Item = (u32, u32, f64)> + '_, FramesError> {
        let values = self.frame.column(self.names.value)?.f64()?.no_null_iter();
        let pairs = self.indices(self.names.row)?.zip(self.indices(self.names.column)?);
        Ok(pairs.zip(values).map(|((row, column), value)| (row, column, value)))
    }

    /// The ids that pairs have; those of pairs that were left out are gone.
    fn present(&self, column: &str, ids: &Ids) -> Result<Ids, FramesError> {
        let mut is_present = vec![false; ids.len()];
        self.indices(column)?.for_each(|index| is_present[index as usize] = true);
        Ok(ids.iter().zip(is_present).filter(|(_, is_present)| *is_present).map(|(id, _)| id).collect())
    }

    fn with_columns(&self, is_kept: &[bool]) -> Result<Self, FramesError> {
        self.filtered(&self.indices(self.names.column)?.map(|column| is_kept[column as usize]).collect())
    }

    fn filtered(&self, mask: &BooleanChunked) -> Result<Self, FramesError> {
        Ok(Self { frame: self.frame.filter(mask)?, ..self.clone() })
    }
}

/// Where the id at `index` of `(ids, others)` is in the others.
fn place(places: &[Option<u32>], index: u32, (ids, others): (&Ids, &Ids)) -> Result<u32, FramesError> {
    let unknown = || FramesError::UnknownId { id: ids.get(index as usize).to_owned(), indexed: others.len() };
    places[index as usize].ok_or_else(unknown)
}

/// One row for each pair; the frame comes sorted, and leaves sorted.
#[expect(deprecated, reason = "the replacement is Polars' lazy engine, which would double the build for one sum")]
fn sum_duplicates(frame: &DataFrame, names: PairNames) -> Result<DataFrame, FramesError> {
    let values: Vec<&str> = std::iter::once(names.value).chain(names.others.iter().chain(names.flags).copied()).collect();
    let summed = frame.group_by_stable([names.row, names.column])?.select(values.iter().copied()).sum()?;
    let mut columns: Vec<Column> = summed.columns().to_vec();
    columns[2..].iter_mut().zip(values).for_each(|(column, name)| {
        column.rename(name.into());
    });
    Ok(DataFrame::new(summed.height(), columns)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BooleanArray, Float64Array, StringArray};

    use super::*;

    const NAMES: PairNames = PairNames { table: "t", row: "r", column: "c", value: "v", others: &["o"], flags: &["f"] };

    fn pairs(rows: &[(&str, &str, f64)]) -> Pairs {
        let row_ids: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.0)));
        let column_ids: ArrayRef = Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.1)));
        let values: ArrayRef = Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.2)));
        let flags: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.2 > 1.0)).collect::<BooleanArray>());
        let batch =
            RecordBatch::try_from_iter([("r", row_ids), ("c", column_ids), ("v", Arc::clone(&values)), ("o", values), ("f", flags)])
                .unwrap();
        Pairs::read(&[batch], NAMES).unwrap()
    }

    #[test]
    fn duplicates_are_summed_and_rows_sorted() {
        let pairs = pairs(&[("b", "y", 1.0), ("a", "x", 2.0), ("b", "x", 0.5), ("b", "y", 3.0)]);
        let triples: Vec<_> = pairs.triples().unwrap().collect();
        assert_eq!(pairs.valued_by("o").triples().unwrap().collect::<Vec<_>>(), triples);
        let flagged: Vec<_> = pairs.with_flag("f").unwrap().triples().unwrap().collect();
        assert_eq!(flagged, [(0, 0, 2.0), (1, 1, 4.0)]);
        assert_eq!(triples, [(0, 0, 2.0), (1, 0, 0.5), (1, 1, 4.0)]);
        assert_eq!(pairs.column_ids().unwrap().iter().collect::<Vec<_>>(), ["x", "y"]);
    }

    #[test]
    fn filters_keep_what_they_say() {
        let pairs = pairs(&[("a", "x", 1.0), ("b", "x", -1.0), ("a", "y", 1.0)]);
        let columns = |pairs: &Pairs| pairs.column_ids().unwrap().iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(columns(&pairs.with_columns_of_at_least(2).unwrap()), ["x"]);
        assert_eq!(pairs.with_positive_values().unwrap().len(), 2);
        assert_eq!(pairs.with_flag("f").unwrap().len(), 0);
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
