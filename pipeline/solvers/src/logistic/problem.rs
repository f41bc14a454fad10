//! What is learned from: features, labels, and the rows' weights or groups, checked. Solving doesn't belong here.

use faer::MatRef;

use super::sums::BLOCK_ROWS;
use crate::error::{Error, Result, within};
use crate::memory::dense_bytes;

/// Parameters as a person writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// λ, the penalty of squared weights, against a sum over rows; finite, above 0, so that weights stay finite where a feature tells
    /// the labels without an error.
    pub lambda: f64,
    /// Newton steps at most; 1 to 1000.
    pub max_iterations: usize,
    /// The fit ends when a step promises to lower the loss by less than this share of it; above 0, below 1.
    pub tolerance: f64,
    /// Nothing larger than this is allocated, bytes.
    pub memory_limit_bytes: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { lambda: 1.0, max_iterations: 50, tolerance: 1e-10, memory_limit_bytes: 2 << 30 }
    }
}

impl Params {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the name, the value and the range.
    pub fn check(self) -> Result<ValidParams> {
        within("lambda", self.lambda, f64::MIN_POSITIVE..=f64::MAX, "a finite number above 0")?;
        within("max_iterations", self.max_iterations as f64, 1.0..=1000.0, "1 to 1000")?;
        within("tolerance", self.tolerance, f64::MIN_POSITIVE..=1.0, "a number above 0, at most 1")?;
        Ok(ValidParams(self))
    }
}

/// Parameters within their ranges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidParams(Params);

impl ValidParams {
    /// The checked values.
    pub fn get(&self) -> &Params {
        &self.0
    }
}

/// Rows of features with a label each.
#[derive(Debug, Clone, Copy)]
pub struct Problem<'a> {
    pub(super) features: MatRef<'a, f64>,
    pub(super) labels: &'a [bool],
    pub(super) rows: Rows<'a>,
}

/// How rows count.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rows<'a> {
    /// Each by itself, as one.
    Equal,
    /// Each by itself, by its weight.
    Weighted(&'a [f64]),
    /// Against the others of its group; group g is the rows `offsets[g]..offsets[g + 1]`.
    Grouped(&'a [usize]),
}

impl<'a> Problem<'a> {
    /// Takes features (rows × features) and a label per row; all rows count the same.
    ///
    /// # Errors
    /// [`Error::Empty`] without features, or without rows of either label; [`Error::Length`] if the labels are more or fewer than the
    /// rows; [`Error::NotFinite`] for NaN or infinity.
    pub fn new(features: MatRef<'a, f64>, labels: &'a [bool]) -> Result<Self> {
        check(features, labels)?;
        check_labels(labels, |_| true)?;
        Ok(Self { features, labels, rows: Rows::Equal })
    }

    /// The same with a weight per row, at least 0.
    ///
    /// # Errors
    /// As [`Problem::new`], of rows with a weight above 0; and [`Error::Parameter`] for a negative weight.
    pub fn weighted(features: MatRef<'a, f64>, labels: &'a [bool], weights: &'a [f64]) -> Result<Self> {
        check(features, labels)?;
        if weights.len() != labels.len() {
            return Err(Error::Length { what: "weights", found: weights.len(), expected: labels.len() });
        }
        if let Some((row, &value)) = weights.iter().enumerate().find(|(_, weight)| !weight.is_finite()) {
            return Err(Error::NotFinite { matrix: "weights", row, column: 0, value });
        }
        if let Some(&value) = weights.iter().find(|weight| **weight < 0.0) {
            return Err(Error::Parameter { name: "weight of a row", value, expected: "at least 0" });
        }
        check_labels(labels, |row| weights[row] > 0.0)?;
        Ok(Self { features, labels, rows: Rows::Weighted(weights) })
    }

    /// Rows in groups: group g is the rows `offsets[g]..offsets[g + 1]`, and the offsets cover all rows. The model's intercept is 0.
    ///
    /// # Errors
    /// [`Error::Empty`] without features or true labels; [`Error::Length`] if labels or offsets don't fit the rows;
    /// [`Error::NotFinite`] for NaN or infinity.
    pub fn grouped(features: MatRef<'a, f64>, labels: &'a [bool], offsets: &'a [usize]) -> Result<Self> {
        check(features, labels)?;
        let rising = offsets.windows(2).all(|pair| pair[0] <= pair[1]);
        if offsets.first() != Some(&0) || offsets.last() != Some(&labels.len()) || !rising {
            let found = offsets.last().copied().unwrap_or(0);
            return Err(Error::Length { what: "rows of the groups", found, expected: labels.len() });
        }
        if !labels.contains(&true) {
            return Err(Error::Empty { what: "rows with a true label" });
        }
        Ok(Self { features, labels, rows: Rows::Grouped(offsets) })
    }

    /// Weights, and the intercept where there is one.
    pub(super) fn unknowns(&self) -> usize {
        self.features.ncols() + usize::from(!matches!(self.rows, Rows::Grouped(_)))
    }
}

/// Bytes that a solve needs beyond its inputs: a block's gradient and Hessian for every block of rows.
pub fn required_bytes(rows: usize, features: usize) -> u64 {
    let blocks = rows.div_ceil(BLOCK_ROWS).saturating_add(4);
    dense_bytes(features + 2, features + 1, 8).saturating_mul(blocks as u64)
}

fn check(features: MatRef<'_, f64>, labels: &[bool]) -> Result<()> {
    if features.ncols() == 0 {
        return Err(Error::Empty { what: "features" });
    }
    if labels.len() != features.nrows() {
        return Err(Error::Length { what: "labels", found: labels.len(), expected: features.nrows() });
    }
    for (column, values) in features.col_iter().enumerate() {
        if let Some((row, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(Error::NotFinite { matrix: "features", row, column, value });
        }
    }
    Ok(())
}

/// With one label only, the best intercept would be infinite.
fn check_labels(labels: &[bool], counts: impl Fn(usize) -> bool) -> Result<()> {
    let has = |wanted: bool| labels.iter().enumerate().any(|(row, label)| *label == wanted && counts(row));
    match (has(true), has(false)) {
        (false, _) => Err(Error::Empty { what: "rows with a true label" }),
        (_, false) => Err(Error::Empty { what: "rows with a false label" }),
        _ => Ok(()),
    }
}
