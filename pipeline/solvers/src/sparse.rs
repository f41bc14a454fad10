//! Compressed sparse rows, checked once when built. Arithmetic belongs to the solvers.

use crate::error::{Error, Result};

/// A sparse matrix by rows: each row names its columns once, in rising order, each with a finite value.
#[derive(Debug, Clone, PartialEq)]
pub struct Csr {
    columns_len: usize,
    offsets: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl Csr {
    /// Checks and takes the three arrays: row `i` is `offsets[i]..offsets[i + 1]` of `columns` and `values`.
    ///
    /// # Errors
    /// [`Error::Length`] where arrays disagree, [`Error::ColumnOutOfRange`], [`Error::ColumnOrder`], [`Error::NotFinite`].
    pub fn new(columns_len: usize, offsets: Vec<usize>, columns: Vec<u32>, values: Vec<f64>) -> Result<Self> {
        check_offsets(&offsets, columns.len())?;
        if values.len() != columns.len() {
            return Err(Error::Length { what: "values", found: values.len(), expected: columns.len() });
        }
        let csr = Self { columns_len, offsets, columns, values };
        (0..csr.rows()).try_for_each(|row| csr.check_row(row))?;
        Ok(csr)
    }

    /// Builds from rows of (column, value) pairs.
    ///
    /// # Errors
    /// As [`Csr::new`].
    pub fn from_rows(columns_len: usize, rows: &[Vec<(u32, f64)>]) -> Result<Self> {
        let mut offsets = vec![0];
        for row in rows {
            offsets.push(offsets[offsets.len() - 1] + row.len());
        }
        let (columns, values) = rows.iter().flatten().copied().unzip();
        Self::new(columns_len, offsets, columns, values)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns_len
    }

    /// Number of stored entries.
    pub fn entries(&self) -> usize {
        self.columns.len()
    }

    /// The columns of a row, rising.
    ///
    /// # Panics
    /// If `row` is not less than [`Csr::rows`].
    pub fn row_columns(&self, row: usize) -> &[u32] {
        &self.columns[self.offsets[row]..self.offsets[row + 1]]
    }

    /// The values of a row, in the order of its columns.
    ///
    /// # Panics
    /// If `row` is not less than [`Csr::rows`].
    pub fn row_values(&self, row: usize) -> &[f64] {
        &self.values[self.offsets[row]..self.offsets[row + 1]]
    }

    /// The (column, value) pairs of a row.
    ///
    /// # Panics
    /// If `row` is not less than [`Csr::rows`].
    pub fn row(&self, row: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.row_columns(row).iter().copied().zip(self.row_values(row).iter().copied())
    }

    /// The same matrix by columns: rows and columns change places.
    pub fn transposed(&self) -> Self {
        let offsets = self.column_offsets();
        let mut next = offsets.clone();
        let mut columns = vec![0; self.entries()];
        let mut values = vec![0.0; self.entries()];
        for row in 0..self.rows() {
            for (column, value) in self.row(row) {
                let place = &mut next[column as usize];
                columns[*place] = row as u32;
                values[*place] = value;
                *place += 1;
            }
        }
        Self { columns_len: self.rows(), offsets, columns, values }
    }

    /// Bytes of a matrix of this shape.
    pub fn required_bytes(rows: usize, entries: usize) -> u64 {
        8 * (rows as u64 + 1) + 12 * entries as u64
    }

    fn column_offsets(&self) -> Vec<usize> {
        let mut offsets = vec![0; self.columns_len + 1];
        for &column in &self.columns {
            offsets[column as usize + 1] += 1;
        }
        for column in 0..self.columns_len {
            offsets[column + 1] += offsets[column];
        }
        offsets
    }

    fn check_row(&self, row: usize) -> Result<()> {
        check_columns(self.row_columns(row), row, self.columns_len)?;
        match self.row(row).find(|(_, value)| !value.is_finite()) {
            Some((column, value)) => Err(Error::NotFinite { matrix: "sparse rows", row, column: column as usize, value }),
            None => Ok(()),
        }
    }
}

/// Checks that `columns` rise strictly and stay below `columns_len`; `row` is for the message.
pub(crate) fn check_columns(columns: &[u32], row: usize, columns_len: usize) -> Result<()> {
    if let Some(pair) = columns.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(Error::ColumnOrder { row, column: pair[1] });
    }
    match columns.last() {
        Some(&column) if column as usize >= columns_len => Err(Error::ColumnOutOfRange { row, column, columns: columns_len }),
        _ => Ok(()),
    }
}

fn check_offsets(offsets: &[usize], entries: usize) -> Result<()> {
    let (Some(&first), Some(&last)) = (offsets.first(), offsets.last()) else {
        return Err(Error::Empty { what: "offsets" });
    };
    let rising = offsets.windows(2).all(|pair| pair[0] <= pair[1]);
    if first != 0 || last != entries || !rising {
        return Err(Error::Length { what: "entries", found: entries, expected: last });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_twice_gives_the_same_matrix() {
        let csr = Csr::from_rows(3, &[vec![(0, 1.0), (2, 2.0)], vec![], vec![(1, 3.0)]]).unwrap();
        assert_eq!(csr.transposed().row(2).collect::<Vec<_>>(), [(0, 2.0)]);
        assert_eq!(csr.transposed().transposed(), csr);
    }

    #[test]
    fn errors_carry_row_column_and_value() {
        let refuse = |rows: &[Vec<(u32, f64)>]| Csr::from_rows(2, rows).unwrap_err();
        assert_eq!(refuse(&[vec![], vec![(2, 1.0)]]), Error::ColumnOutOfRange { row: 1, column: 2, columns: 2 });
        assert_eq!(refuse(&[vec![(1, 1.0), (1, 1.0)]]), Error::ColumnOrder { row: 0, column: 1 });
        let message = refuse(&[vec![(1, f64::INFINITY)]]).to_string();
        assert_eq!(message, "`sparse rows` holds inf at row 0, column 1, expected a finite number");
    }

    #[test]
    fn offsets_must_cover_the_entries() {
        assert!(Csr::new(1, vec![], vec![], vec![]).is_err());
        assert!(Csr::new(1, vec![0, 2], vec![0], vec![1.0]).is_err());
        assert!(Csr::new(1, vec![0, 1], vec![0], vec![]).is_err());
    }
}
