//! Every model behind one trait: fitted to positives or ratings, asked for the scores of a block of histories.
//!
//! ```text
//! Training ──ModelSpec::fit──▶ Scorer ──score_block(histories, rows)──▶ courses × members, never members × courses at once
//! ```
//! The arithmetic belongs to `hachi-solvers`; who is asked about, and what becomes of the scores, to whoever holds the model.

mod fit;
mod models;
mod spec;

use std::ops::Range;

use faer::Mat;
use hachi_solvers::{Csr, Result};

pub use spec::{ModelSpec, SpecError};

/// Who chose what.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Members × courses, every value 1.
    pub positives: Csr,
    /// What they gave, where ratings are known; low ratings too.
    pub ratings: Option<Csr>,
}

/// What a model learns from.
#[derive(Debug, Clone)]
pub struct Training {
    /// Who chose what.
    pub choices: Choices,
    /// How popular each course is: its members, faded by time where times are known.
    pub popularity: Vec<f64>,
    /// What was known some time before, and what came after, where times are known: for what is learned about models.
    pub rehearsal: Option<Box<Rehearsal>>,
}

/// Models were fitted to what was, and members took up what came after.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// What was; its courses have places of their own.
    pub training: Training,
    /// What the members had who are asked, a row for each.
    pub histories: Choices,
    /// What must not be recommended to them.
    pub owned: Csr,
    /// What they took up.
    pub targets: Csr,
}

/// A fitted model. A score is comparable within a member only.
pub trait Scorer: Send + Sync {
    /// Scores of the members whose histories are `rows` of `histories`: courses × members, on the calling thread. Nothing is
    /// excluded.
    ///
    /// # Errors
    /// Where a history does not fit the model, or its system can't be solved.
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>>;

    /// The ratings that a member would give to courses; none from a model of positives.
    ///
    /// # Errors
    /// Where the history does not fit the model.
    fn ratings(&self, _member: Member<'_>, _courses: &[Option<u32>]) -> Result<Option<Vec<f64>>> {
        Ok(None)
    }
}

/// A member whose ratings are predicted.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Row of the training, if the history is the one that was learned from.
    pub trained: Option<u32>,
    /// Ratings at the time of the question, by course, rising.
    pub history: &'a [(u32, f64)],
}
