//! Scores of users in blocks: of the fit's own users, and of histories that are folded in.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

use super::rows::{Side, Workspace};
use super::solve::Model;
use crate::error::Result;
use crate::histories::{check_block, check_range};
use crate::sparse::Csr;

impl Model {
    /// Scores of some users of the fit, courses × users, on the calling thread.
    ///
    /// # Errors
    /// [`crate::Error::Length`] for users that the fit didn't have.
    pub fn score_users(&self, users: Range<usize>) -> Result<Mat<f32>> {
        check_range("users", &users, self.users.ncols())?;
        Ok(self.scores(self.users.as_ref().subcols(users.start, users.len())))
    }

    /// Scores of some `rows` of `histories` (members × courses; every stored entry is one positive) as courses × rows: each is folded
    /// in, on the calling thread.
    ///
    /// # Errors
    /// [`crate::Error::Length`] if the histories have other courses or fewer rows, [`crate::Error::NotPositiveDefinite`] with the row
    /// where `reg` is too low.
    pub fn score_block(&self, histories: &Csr, rows: Range<usize>) -> Result<Mat<f32>> {
        check_block(histories, &rows, self.courses.ncols())?;
        let dim = self.courses.nrows();
        let side = Side::new("user", &self.courses, &self.course_gram, &self.params);
        let (mut room, mut factors) = (Workspace::new(dim), Mat::zeros(dim, rows.len()));
        for (place, row) in rows.enumerate() {
            let factor = side.solve_row(histories.row_columns(row), &mut room).map_err(|refused| side.error(row, refused))?;
            factors.col_as_slice_mut(place).copy_from_slice(factor);
        }
        Ok(self.scores(factors.as_ref()))
    }

    fn scores(&self, factors: MatRef<'_, f32>) -> Mat<f32> {
        let mut scores = Mat::zeros(self.courses.ncols(), factors.ncols());
        matmul(scores.as_mut(), Accum::Replace, self.courses.transpose(), factors, 1.0, Par::Seq);
        scores
    }
}
