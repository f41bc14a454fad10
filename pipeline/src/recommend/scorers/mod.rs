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
use std::sync::Arc;

use faer::Mat;
use hachi_solvers::{Csr, Result};

use super::content::Content;
pub(super) use fit::fit_ease_of;
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
    /// The same, faded [`TRENDING_SPEED`] times as fast, where times are known: what is taken now.
    pub trending: Option<Vec<f64>>,
    /// What is left of each choice today, in the places of the positives, where times are known; EASE learns to tell what is taken now.
    pub recency: Option<Csr>,
    /// How good members find each course, where that is known; higher is better.
    pub quality: Option<Vec<f64>>,
    /// What courses say of themselves, where that is known.
    pub content: Option<Arc<Content>>,
}

/// How much faster trends fade than popularity, and what is left of a choice for [`Training::recency`], as in `course_popularity`.
pub const TRENDING_SPEED: i32 = 4;

/// Ratings that the mean of all courses weighs in the mean of one, as in `course_stats`.
const PRIOR_RATINGS: f64 = 10.0;

/// The mean rating of each course of members × courses, drawn towards the mean of all; none without ratings.
pub fn quality_of(ratings: &Csr) -> Option<Vec<f64>> {
    let rated = || (0..ratings.rows()).flat_map(|row| ratings.row(row));
    let mean = rated().map(|(_, rating)| rating).sum::<f64>() / ratings.entries() as f64;
    let mut sums = vec![(PRIOR_RATINGS, PRIOR_RATINGS * mean); ratings.columns()];
    rated().for_each(|(course, rating)| {
        let (count, sum) = &mut sums[course as usize];
        (*count, *sum) = (*count + 1.0, *sum + rating);
    });
    (ratings.entries() > 0).then(|| sums.into_iter().map(|(count, sum)| sum / count).collect())
}

/// A fitted model. A score is comparable within a member only.
pub trait Scorer: Send + Sync {
    /// Scores of the members whose histories are `rows` of `histories`: courses × members, on the calling thread. Nothing is
    /// excluded.
    ///
    /// # Errors
    /// Where a history does not fit the model, or its system can't be solved.
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>>;

    /// How much each course of the history in `row` adds to the scores of `courses`: history × courses, in the order of the history.
    /// A column sums to the score, but for rounding. None from a model that does not ask for the past.
    ///
    /// # Errors
    /// Where the history does not fit the model, or its system can't be solved.
    fn explain(&self, _histories: &Choices, _row: usize, _courses: &[u32]) -> Result<Option<Mat<f64>>> {
        Ok(None)
    }

    /// The ratings that a member would give to courses; none from a model of positives.
    ///
    /// # Errors
    /// Where the history does not fit the model.
    fn ratings(&self, _member: Member<'_>, _courses: &[Option<u32>]) -> Result<Option<Vec<f64>>> {
        Ok(None)
    }
}

impl<T: Scorer> Scorer for Arc<T> {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        T::score_block(self, histories, rows)
    }

    fn explain(&self, histories: &Choices, row: usize, courses: &[u32]) -> Result<Option<Mat<f64>>> {
        T::explain(self, histories, row, courses)
    }

    fn ratings(&self, member: Member<'_>, courses: &[Option<u32>]) -> Result<Option<Vec<f64>>> {
        T::ratings(self, member, courses)
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
