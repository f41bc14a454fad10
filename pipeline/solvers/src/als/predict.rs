//! Predicted ratings: of pairs, and of users in blocks.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use super::solve::Model;
use crate::error::Result;
use crate::histories::check_range;

impl Model {
    /// μ, the mean of the ratings.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// b_u; zero for a user without ratings or beyond the fit's.
    pub fn user_bias(&self, user: usize) -> f64 {
        bias(&self.users, user)
    }

    /// c_i; zero for a course without ratings or beyond the fit's.
    pub fn course_bias(&self, course: usize) -> f64 {
        bias(&self.courses, course)
    }

    /// r̂ of a pair, not cut to the scale of ratings. Of who or what the fit doesn't know, the other side's bias remains.
    pub fn predict(&self, user: usize, course: usize) -> f64 {
        let known = user < self.users.ncols() && course < self.courses.ncols();
        let product = if known { product(self.users.col_as_slice(user), self.courses.col_as_slice(course)) } else { 0.0 };
        self.mean + self.user_bias(user) + self.course_bias(course) + product
    }

    /// r̂ of some users of the fit and all courses, courses × users, on the calling thread.
    ///
    /// # Errors
    /// [`crate::Error::Length`] for users that the fit didn't have.
    pub fn score_block(&self, users: Range<usize>) -> Result<Mat<f32>> {
        check_range("users", &users, self.users.ncols())?;
        let dim = self.users.nrows() - 1;
        let block = self.users.as_ref().subcols(users.start, users.len());
        let base = |course: usize, place: usize| self.mean + self.courses[(0, course)] + block[(0, place)];
        let mut scores = Mat::from_fn(self.courses.ncols(), users.len(), base);
        let factors = self.courses.as_ref().subrows(1, dim).transpose();
        matmul(scores.as_mut(), Accum::Add, factors, block.subrows(1, dim), 1.0, Par::Seq);
        Ok(Mat::from_fn(scores.nrows(), scores.ncols(), |course, place| scores[(course, place)] as f32))
    }
}

/// p · q of two rows, without their biases.
pub(super) fn product(user: &[f64], course: &[f64]) -> f64 {
    user.iter().zip(course).skip(1).map(|(p, q)| p * q).sum()
}

fn bias(rows: &Mat<f64>, row: usize) -> f64 {
    if row < rows.ncols() { rows[(0, row)] } else { 0.0 }
}
