//! What EASE is given: positives or their Gram matrix, and λ, checked. Solving doesn't belong here.

use faer::Mat;

use crate::error::{Error, Result};
use crate::memory::{ASSUMED_THREADS, dense_bytes};
use crate::sparse::Csr;
use crate::spd::PANEL;

/// Parameters as a person writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// λ, the penalty of each course; finite, at least 0. It is held against numbers of members, so more members bear a higher one.
    pub lambda: f64,
    /// Nothing larger than this is allocated, bytes.
    pub memory_limit_bytes: u64,
}

impl Default for Params {
    /// λ = 1000 ranks best on a million positives of some thousand users and courses.
    fn default() -> Self {
        Self { lambda: 1000.0, memory_limit_bytes: 2 << 30 }
    }
}

impl Params {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a λ that is negative or not finite.
    pub fn check(self) -> Result<ValidParams> {
        if !self.lambda.is_finite() || self.lambda < 0.0 {
            return Err(Error::Parameter { name: "lambda", value: self.lambda, expected: "a finite number of at least 0" });
        }
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

/// XᵀX, or what it is computed from.
#[derive(Debug, Clone)]
pub struct Problem<'a> {
    pub(super) source: Source<'a>,
}

#[derive(Debug, Clone)]
pub(super) enum Source<'a> {
    Positives(&'a Csr),
    Gram(Mat<f64>),
}

impl<'a> Problem<'a> {
    /// Takes X, users × courses, with its values as they are.
    ///
    /// # Errors
    /// [`Error::Empty`] without users or without courses.
    pub fn from_positives(by_user: &'a Csr) -> Result<Self> {
        let sides = [("users", by_user.rows()), ("courses", by_user.columns())];
        match sides.iter().find(|side| side.1 == 0) {
            Some(&(what, _)) => Err(Error::Empty { what }),
            None => Ok(Self { source: Source::Positives(by_user) }),
        }
    }

    /// Takes XᵀX, courses × courses, of which the lower triangle and the diagonal are read.
    ///
    /// # Errors
    /// [`Error::Empty`] without courses, [`Error::Length`] if it isn't square, [`Error::NotFinite`] for NaN or infinity.
    pub fn from_gram(gram: Mat<f64>) -> Result<Self> {
        if gram.nrows() == 0 {
            return Err(Error::Empty { what: "courses" });
        }
        if gram.nrows() != gram.ncols() {
            return Err(Error::Length { what: "columns of the Gram matrix", found: gram.ncols(), expected: gram.nrows() });
        }
        for column in 0..gram.ncols() {
            let found = gram.col_as_slice(column).iter().enumerate().skip(column).find(|(_, value)| !value.is_finite());
            if let Some((row, &value)) = found {
                return Err(Error::NotFinite { matrix: "Gram matrix", row, column, value });
            }
        }
        Ok(Self { source: Source::Gram(gram) })
    }

    /// Courses.
    pub fn courses(&self) -> usize {
        match &self.source {
            Source::Positives(by_user) => by_user.columns(),
            Source::Gram(gram) => gram.ncols(),
        }
    }
}

/// Bytes of XᵀX, in whose place it is factorised, of W, and of each thread's columns of P.
pub fn required_bytes(courses: usize) -> u64 {
    let squares = dense_bytes(courses, courses, 8).saturating_add(dense_bytes(courses, courses, 4));
    squares.saturating_add(dense_bytes(courses, PANEL.saturating_mul(ASSUMED_THREADS), 8))
}
