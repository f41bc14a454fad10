//! Histories that models score: whether they fit, and sums of the rows that they name. What the rows mean belongs to the models.

use std::ops::Range;

use faer::{Mat, MatRef};

use crate::error::{Error, Result};
use crate::simd::add_weighted;
use crate::sparse::{Csr, check_columns};

/// Checks that `rows` are rows of `histories`, and that these are of so many courses.
pub(crate) fn check_block(histories: &Csr, rows: &Range<usize>, courses: usize) -> Result<()> {
    if histories.columns() != courses {
        return Err(Error::Length { what: "histories", found: histories.columns(), expected: courses });
    }
    check_range("histories", rows, histories.rows())
}

/// Checks that a range of members ends where the members do, or before.
pub(crate) fn check_range(what: &'static str, rows: &Range<usize>, len: usize) -> Result<()> {
    if rows.start > rows.end || rows.end > len {
        return Err(Error::Length { what, found: rows.end, expected: len });
    }
    Ok(())
}

/// Checks one history: courses rising and known, weights finite.
pub(crate) fn check_one<T: Copy + Into<f64>>(history: &[(u32, T)], courses: usize) -> Result<()> {
    let columns: Vec<u32> = history.iter().map(|entry| entry.0).collect();
    check_columns(&columns, 0, courses)?;
    match history.iter().find(|entry| !entry.1.into().is_finite()) {
        Some(&(column, value)) => Err(Error::NotFinite { matrix: "history", row: 0, column: column as usize, value: value.into() }),
        None => Ok(()),
    }
}

/// Σ value · `adds` column, for each history: courses × rows, on the calling thread.
pub(crate) fn weighted_sums(adds: MatRef<'_, f32>, histories: &Csr, rows: Range<usize>) -> Result<Mat<f32>> {
    check_block(histories, &rows, adds.ncols())?;
    let mut sums = Mat::zeros(adds.nrows(), rows.len());
    let entries: Vec<Vec<(u32, f32)>> =
        rows.map(|row| histories.row(row).map(|(course, value)| (course, value as f32)).collect()).collect();
    add_weighted(adds, &entries, sums.as_mut());
    Ok(sums)
}
