//! Uses a fitted W: scores of histories, and what each course of one adds.

use std::ops::Range;

use faer::{Mat, MatRef};

use crate::error::{Error, Result};
use crate::histories::{check_one, weighted_sums};
use crate::simd::add_scaled;
use crate::sparse::Csr;

/// Fitted weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Wᵀ, so that what a course adds to all scores lies side by side.
    pub(super) adds: Mat<f32>,
    /// P_jj of each course.
    pub(super) inverse_diagonal: Vec<f64>,
}

impl Model {
    /// Courses.
    pub fn courses(&self) -> usize {
        self.adds.ncols()
    }

    /// W, courses × courses: column j makes the score of course j. The diagonal is zero.
    pub fn weights(&self) -> MatRef<'_, f32> {
        self.adds.transpose()
    }

    /// Row `course` of W: what this course in a history adds to the score of each course.
    ///
    /// # Panics
    /// If `course` is not less than [`Model::courses`].
    pub fn adds(&self, course: usize) -> &[f32] {
        self.adds.col_as_slice(course)
    }

    /// Writes x W to `out`, one score per course. What each (course, weight) of the history adds is its weight · [`Model::adds`].
    ///
    /// # Errors
    /// [`Error::Length`] if `out` has another length, [`Error::ColumnOutOfRange`] or [`Error::ColumnOrder`] for a bad history,
    /// [`Error::NotFinite`] for a bad weight.
    pub fn score(&self, history: &[(u32, f32)], out: &mut [f32]) -> Result<()> {
        if out.len() != self.courses() {
            return Err(Error::Length { what: "scores", found: out.len(), expected: self.courses() });
        }
        check_one(history, self.courses())?;
        out.fill(0.0);
        history.iter().for_each(|&(course, weight)| add_scaled(out, self.adds(course as usize), weight));
        Ok(())
    }

    /// Scores of some `rows` of `histories` (members × courses) as courses × rows, on the calling thread.
    ///
    /// # Errors
    /// [`Error::Length`] if the histories have other courses or fewer rows.
    pub fn score_block(&self, histories: &Csr, rows: Range<usize>) -> Result<Mat<f32>> {
        weighted_sums(self.adds.as_ref(), histories, rows)
    }
}
