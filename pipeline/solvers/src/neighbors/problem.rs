//! What neighbours are found from: weighted positives and k, checked. Solving doesn't belong here.

use crate::error::{Error, Result};
use crate::memory::{ASSUMED_THREADS, dense_bytes};
use crate::sparse::Csr;

/// How much an entry counts in a similarity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Weighting {
    /// Its value.
    #[default]
    Cosine,
    /// Its value by Okapi BM25 (k₁ = 1.2, b = 0.75): users with long histories tell less, and repetition soon tells no more. Values
    /// must not be negative.
    Bm25,
}

/// Parameters as a person writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// Neighbours kept of each course, at most; at least 1.
    pub k: usize,
    /// How much an entry counts.
    pub weighting: Weighting,
    /// Nothing larger than this is allocated, bytes.
    pub memory_limit_bytes: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { k: 200, weighting: Weighting::Cosine, memory_limit_bytes: 2 << 30 }
    }
}

impl Params {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a k of zero.
    pub fn check(self) -> Result<ValidParams> {
        if self.k == 0 {
            return Err(Error::Parameter { name: "k", value: 0.0, expected: "at least 1" });
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

/// Who chose what, and how much that counts.
#[derive(Debug, Clone)]
pub struct Problem {
    by_user: Csr,
}

impl Problem {
    /// Takes the positives, users × courses.
    ///
    /// # Errors
    /// [`Error::Empty`] without users or without courses.
    pub fn new(by_user: Csr) -> Result<Self> {
        let sides = [("users", by_user.rows()), ("courses", by_user.columns())];
        match sides.iter().find(|side| side.1 == 0) {
            Some(&(what, _)) => Err(Error::Empty { what }),
            None => Ok(Self { by_user }),
        }
    }

    /// Positives, users × courses.
    pub fn by_user(&self) -> &Csr {
        &self.by_user
    }
}

/// Bytes that a solve needs: the positives weighted twice (BM25, then length one) and by course, each thread's sums, and the neighbours
/// as they are found, by course and by neighbour.
pub fn required_bytes(users: usize, courses: usize, entries: usize, k: usize) -> u64 {
    let neighbours = courses.saturating_mul(k.min(courses.saturating_sub(1)));
    let forms = Csr::required_bytes(users, entries).saturating_mul(2).saturating_add(Csr::required_bytes(courses, entries));
    let sums = dense_bytes(courses, ASSUMED_THREADS, 32);
    forms.saturating_add(sums).saturating_add(Csr::required_bytes(courses, neighbours).saturating_mul(4))
}
