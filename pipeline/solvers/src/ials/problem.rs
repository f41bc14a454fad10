//! What iALS is given: positives and parameters, checked. Solving doesn't belong here.

use super::rows::HISTORY_BLOCK;
use crate::error::{Error, Result, within};
use crate::gram;
use crate::memory::{ASSUMED_THREADS, dense_bytes};
use crate::simd::PADDING;
use crate::sparse::Csr;

/// A row that waits for a thread.
const QUEUE_BYTES: u64 = 24;

/// Whether the loss is computed after each epoch; it costs about a tenth of one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Monitor {
    /// No loss.
    #[default]
    Off,
    /// The loss after each epoch.
    Loss,
}

/// Parameters as a person writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// d, the length of a factor; 1 to 4096.
    pub dim: usize,
    /// λ; finite, at least 0.
    pub reg: f64,
    /// α₀, the weight of what was not chosen; finite, at least 0.
    pub alpha0: f64,
    /// ν, how much the penalty grows with a row's positives; 0 to 1.
    pub nu: f64,
    /// Turns of users and courses; at least 1.
    pub epochs: usize,
    /// Dimensions that are solved at once; none: all of them, exactly. Blocks pay from a few hundred dimensions on; the users' closing
    /// turn is exact in either case.
    pub block: Option<usize>,
    /// Seed of the first course factors.
    pub seed: u64,
    /// Whether the loss is computed.
    pub monitor: Monitor,
    /// Nothing larger than this is allocated, bytes.
    pub memory_limit_bytes: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            dim: 32,
            reg: 0.007,
            alpha0: 0.3,
            nu: 1.0,
            epochs: 12,
            block: None,
            seed: 8,
            monitor: Monitor::Off,
            memory_limit_bytes: 2 << 30,
        }
    }
}

impl Params {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the name, the value and the range.
    pub fn check(self) -> Result<ValidParams> {
        within("dim", self.dim as f64, 1.0..=4096.0, "1 to 4096")?;
        within("epochs", self.epochs as f64, 1.0..=1000.0, "1 to 1000")?;
        within("block", self.block.unwrap_or(1) as f64, 1.0..=4096.0, "1 to 4096, or none")?;
        within("reg", self.reg, 0.0..=f64::MAX, "a finite number of at least 0")?;
        within("alpha0", self.alpha0, 0.0..=f64::MAX, "a finite number of at least 0")?;
        within("nu", self.nu, 0.0..=1.0, "0 to 1")?;
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

    /// λ(|I_u| + α₀|I|)^ν for a row with `positives` of the `others`.
    pub fn penalty(&self, positives: usize, others: usize) -> f64 {
        let Params { dim, alpha0, reg, nu, .. } = self.0;
        hachi_session::Params { dim, alpha0, reg, nu }.penalty(positives, others)
    }
}

/// Who chose what, by user and by course. Every stored entry counts as one positive, whatever its value.
#[derive(Debug, Clone)]
pub struct Problem {
    by_user: Csr,
    by_course: Csr,
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
            None => Ok(Self { by_course: by_user.transposed(), by_user }),
        }
    }

    /// Positives, users × courses.
    pub fn by_user(&self) -> &Csr {
        &self.by_user
    }

    /// Positives, courses × users.
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

/// Bytes that a solve needs: both factor matrices, both forms of the positives, Gram sums and each thread's workspace.
pub fn required_bytes(users: usize, courses: usize, positives: usize, dim: usize) -> u64 {
    let factors = dense_bytes(users.saturating_add(courses), dim, 4);
    let forms = Csr::required_bytes(users, positives).saturating_add(Csr::required_bytes(courses, positives));
    let padded = dim.next_multiple_of(PADDING);
    let queue = (users.max(courses) as u64).saturating_mul(QUEUE_BYTES);
    let workspaces = dense_bytes(padded, padded + HISTORY_BLOCK, 4).saturating_mul(ASSUMED_THREADS as u64);
    let grams = gram::required_bytes(dim, users.max(courses)).saturating_mul(2);
    factors.saturating_add(forms).saturating_add(workspaces).saturating_add(grams).saturating_add(queue)
}
