//! Uses a fitted W: scores, and what each behaviour adds to a score.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use crate::error::{Error, Result};

/// A fitted ridge model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) weights: Mat<f64>,
    pub(super) behaviour_means: Vec<f64>,
    pub(super) course_means: Vec<f64>,
}

impl Model {
    /// W, behaviours × courses.
    pub fn weights(&self) -> MatRef<'_, f64> {
        self.weights.as_ref()
    }

    /// μ of the columns of B.
    pub fn behaviour_means(&self) -> &[f64] {
        &self.behaviour_means
    }

    /// μ of the columns of A.
    pub fn course_means(&self) -> &[f64] {
        &self.course_means
    }

    /// Writes (B_i − μ_B) W + μ_A for each row of `rows` (members × behaviours) to `scores` (members × courses), on the
    /// calling thread.
    ///
    /// # Errors
    /// [`Error::Length`] if a side doesn't fit.
    pub fn predict_into(&self, rows: MatRef<'_, f64>, mut scores: MatMut<'_, f64>) -> Result<()> {
        check_length("behaviours", rows.ncols(), self.weights.nrows())?;
        check_length("scores", scores.ncols(), self.weights.ncols())?;
        check_length("members", scores.nrows(), rows.nrows())?;
        let centred = Mat::from_fn(rows.nrows(), rows.ncols(), |row, column| rows[(row, column)] - self.behaviour_means[column]);
        for (course, mean) in self.course_means.iter().enumerate() {
            (0..scores.nrows()).for_each(|member| scores[(member, course)] = *mean);
        }
        matmul(scores, Accum::Add, centred.as_ref(), self.weights.as_ref(), 1.0, Par::Seq);
        Ok(())
    }

    /// Scores of `rows` (members × behaviours) as members × courses.
    ///
    /// # Errors
    /// [`Error::Length`] if the rows have another number of behaviours.
    pub fn predict(&self, rows: MatRef<'_, f64>) -> Result<Mat<f64>> {
        let mut scores = Mat::zeros(rows.nrows(), self.weights.ncols());
        self.predict_into(rows, scores.as_mut())?;
        Ok(scores)
    }

    /// What each behaviour adds to a member's score of a course: (B_ib − μ_b) W_bj. With the course's mean they sum to the
    /// score.
    ///
    /// # Errors
    /// [`Error::Length`] if `member` has another number of behaviours, [`Error::ColumnOutOfRange`] for an unknown course.
    pub fn contributions(&self, member: &[f64], course: usize) -> Result<Vec<f64>> {
        check_length("behaviours", member.len(), self.weights.nrows())?;
        if course >= self.weights.ncols() {
            return Err(Error::ColumnOutOfRange { row: 0, column: course as u32, columns: self.weights.ncols() });
        }
        let centred = member.iter().zip(&self.behaviour_means).map(|(value, mean)| value - mean);
        Ok(centred.zip(self.weights.col_as_slice(course)).map(|(value, weight)| value * weight).collect())
    }
}

fn check_length(what: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected }) }
}
