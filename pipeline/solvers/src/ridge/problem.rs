//! What ridge is given: the two matrices and λ, checked. Solving doesn't belong here.

use faer::MatRef;

use super::solve::CHUNK_COURSES;
use crate::error::{Error, Result};
use crate::gram;
use crate::memory::{ASSUMED_THREADS, dense_bytes};
use crate::sparse::Csr;

/// Parameters as a person writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// λ, the penalty per member; finite, at least 0.
    pub lambda: f64,
    /// Nothing larger than this is allocated, bytes.
    pub memory_limit_bytes: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { lambda: 0.1, memory_limit_bytes: 2 << 30 }
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
    /// λ.
    pub fn lambda(&self) -> f64 {
        self.0.lambda
    }

    /// The limit of memory, bytes.
    pub fn memory_limit_bytes(&self) -> u64 {
        self.0.memory_limit_bytes
    }
}

/// Two matrices with the same members as rows.
#[derive(Debug, Clone, Copy)]
pub struct Problem<'a> {
    behaviours: MatRef<'a, f64>,
    affinities: &'a Csr,
}

impl<'a> Problem<'a> {
    /// Takes B (members × behaviours) and A (members × courses).
    ///
    /// # Errors
    /// [`Error::Empty`] for a side without elements, [`Error::Length`] if the members differ in number,
    /// [`Error::NotFinite`] for NaN or infinity in B (A was checked when built).
    pub fn new(behaviours: MatRef<'a, f64>, affinities: &'a Csr) -> Result<Self> {
        let sides = [("members", behaviours.nrows()), ("behaviours", behaviours.ncols()), ("courses", affinities.columns())];
        if let Some(&(what, _)) = sides.iter().find(|side| side.1 == 0) {
            return Err(Error::Empty { what });
        }
        if affinities.rows() != behaviours.nrows() {
            return Err(Error::Length { what: "affinities", found: affinities.rows(), expected: behaviours.nrows() });
        }
        check_finite(behaviours)?;
        Ok(Self { behaviours, affinities })
    }

    /// B, members × behaviours.
    pub fn behaviours(&self) -> MatRef<'a, f64> {
        self.behaviours
    }

    /// A, members × courses.
    pub fn affinities(&self) -> &'a Csr {
        self.affinities
    }
}

/// Bytes that [`super::solve`] needs beyond its inputs: the weights, the Gram matrix with its partial sums, and A transposed.
pub fn required_bytes(members: usize, behaviours: usize, courses: usize, entries: usize) -> u64 {
    let weights = dense_bytes(behaviours, courses, 8);
    let chunks = dense_bytes(behaviours, 2 * CHUNK_COURSES * ASSUMED_THREADS, 8);
    let systems = dense_bytes(behaviours, behaviours, 8).saturating_add(gram::required_bytes(behaviours, members));
    weights.saturating_add(chunks).saturating_add(systems).saturating_add(Csr::required_bytes(courses, entries))
}

fn check_finite(matrix: MatRef<'_, f64>) -> Result<()> {
    for row in 0..matrix.nrows() {
        for column in 0..matrix.ncols() {
            let value = matrix[(row, column)];
            if !value.is_finite() {
                return Err(Error::NotFinite { matrix: "behaviours", row, column, value });
            }
        }
    }
    Ok(())
}
