//! What is decomposed, and how far, checked. Solving doesn't belong here.

use crate::error::{Error, Result, within};
use crate::gram;
use crate::memory::dense_bytes;
use crate::sparse::Csr;

/// Parameters as a person writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// d, singular values wanted; 1 to 2048.
    pub dim: usize,
    /// Directions searched beyond d; at most 2048.
    pub oversample: usize,
    /// Turns that sharpen the range; at most 100.
    pub power_iterations: usize,
    /// Seed of Ω.
    pub seed: u64,
    /// Nothing larger than this is allocated, bytes.
    pub memory_limit_bytes: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { dim: 100, oversample: 10, power_iterations: 4, seed: 8, memory_limit_bytes: 2 << 30 }
    }
}

impl Params {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the name, the value and the range.
    pub fn check(self) -> Result<ValidParams> {
        within("dim", self.dim as f64, 1.0..=2048.0, "1 to 2048")?;
        within("oversample", self.oversample as f64, 0.0..=2048.0, "0 to 2048")?;
        within("power_iterations", self.power_iterations as f64, 0.0..=100.0, "0 to 100")?;
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

/// X by users and by courses.
#[derive(Debug, Clone)]
pub struct Problem {
    by_user: Csr,
    by_course: Csr,
}

impl Problem {
    /// Takes X, users × courses.
    ///
    /// # Errors
    /// [`Error::Empty`] without users or without courses.
    pub fn new(by_user: Csr) -> Result<Self> {
        let sides = [("users", by_user.rows()), ("courses", by_user.columns())];
        match sides.iter().find(|side| side.1 == 0) {
            Some(&(what, _)) => Err(Error::Empty { what }),
            None => Ok(Self { by_course: by_user.transposed(), by_user }),
        }
    }

    /// X, users × courses.
    pub fn by_user(&self) -> &Csr {
        &self.by_user
    }

    /// Xᵀ, courses × users.
    pub fn by_course(&self) -> &Csr {
        &self.by_course
    }

    /// Users.
    pub fn users(&self) -> usize {
        self.by_user.rows()
    }

    /// Courses.
    pub fn courses(&self) -> usize {
        self.by_user.columns()
    }
}

/// Bytes that a solve for so many directions (d + oversample) needs: both forms of X, both bases with their factors, Gram sums.
pub fn required_bytes(users: usize, courses: usize, entries: usize, directions: usize) -> u64 {
    let forms = Csr::required_bytes(users, entries).saturating_add(Csr::required_bytes(courses, entries));
    let bases = dense_bytes(users.saturating_add(courses), directions, 8 + 4);
    let turned = dense_bytes(users.max(courses), directions, 8);
    let small = dense_bytes(directions, directions, 8 * 8).saturating_add(gram::required_bytes(directions, users.max(courses)));
    forms.saturating_add(bases).saturating_add(turned).saturating_add(small)
}
