//! What ALS is given: ratings and parameters, checked. Solving doesn't belong here.

use super::rows::HISTORY_BLOCK;
use crate::error::{Error, Result, within};
use crate::memory::{ASSUMED_THREADS, dense_bytes};
use crate::sparse::Csr;

const FINITE: &str = "a finite number of at least 0";

/// Parameters as a person writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// d, the length of a factor; 1 to 1024.
    pub dim: usize,
    /// λ, the penalty of a factor for each rating of its row; finite, above 0.
    pub reg: f64,
    /// Turns of users and courses; 1 to 1000.
    pub epochs: usize,
    /// Seed of the first course factors.
    pub seed: u64,
    /// λ_b of users, in ratings: a user with so many is drawn half-way to the mean; finite, at least 0.
    pub user_bias_reg: f64,
    /// λ_b of courses, in ratings; finite, at least 0.
    pub course_bias_reg: f64,
    /// Nothing larger than this is allocated, bytes.
    pub memory_limit_bytes: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { dim: 20, reg: 0.15, epochs: 20, seed: 8, user_bias_reg: 5.0, course_bias_reg: 3.0, memory_limit_bytes: 2 << 30 }
    }
}

impl Params {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the name, the value and the range.
    pub fn check(self) -> Result<ValidParams> {
        within("dim", self.dim as f64, 1.0..=1024.0, "1 to 1024")?;
        within("epochs", self.epochs as f64, 1.0..=1000.0, "1 to 1000")?;
        within("reg", self.reg, f64::MIN_POSITIVE..=f64::MAX, "a finite number above 0")?;
        within("user_bias_reg", self.user_bias_reg, 0.0..=f64::MAX, FINITE)?;
        within("course_bias_reg", self.course_bias_reg, 0.0..=f64::MAX, FINITE)?;
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

/// Who rated what, by user and by course. Every stored value is a rating, a zero too.
#[derive(Debug, Clone)]
pub struct Problem {
    by_user: Csr,
    by_course: Csr,
}

impl Problem {
    /// Takes the ratings, users × courses.
    ///
    /// # Errors
    /// [`Error::Empty`] without users, courses or ratings.
    pub fn new(by_user: Csr) -> Result<Self> {
        let sides = [("users", by_user.rows()), ("courses", by_user.columns()), ("ratings", by_user.entries())];
        match sides.iter().find(|side| side.1 == 0) {
            Some(&(what, _)) => Err(Error::Empty { what }),
            None => Ok(Self { by_course: by_user.transposed(), by_user }),
        }
    }

    /// Ratings, users × courses.
    pub fn by_user(&self) -> &Csr {
        &self.by_user
    }

    /// Ratings, courses × users.
    pub fn by_course(&self) -> &Csr {
        &self.by_course
    }
}

/// Bytes that a solve needs: biases and factors, both forms of the ratings, each thread's workspace.
pub fn required_bytes(users: usize, courses: usize, ratings: usize, dim: usize) -> u64 {
    let rows = dense_bytes(users.saturating_add(courses), dim + 1, 8);
    let forms = Csr::required_bytes(users, ratings).saturating_add(Csr::required_bytes(courses, ratings));
    let workspaces = dense_bytes(dim + 1, dim + 1 + HISTORY_BLOCK, 8).saturating_mul(ASSUMED_THREADS as u64);
    rows.saturating_add(forms).saturating_add(workspaces)
}
