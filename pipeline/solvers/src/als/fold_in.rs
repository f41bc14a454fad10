//! A member whom the fit never saw: the same row solve, once.

use super::predict::product;
use super::rows::{Part, Workspace};
use super::solve::{Model, user_side};
use crate::error::Result;
use crate::histories::check_one;

/// Bias and factor of one member.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    row: Vec<f64>,
}

impl Member {
    /// b, above or below the mean.
    pub fn bias(&self) -> f64 {
        self.row[0]
    }

    /// p, dim values.
    pub fn factor(&self) -> &[f64] {
        &self.row[1..]
    }
}

impl Model {
    /// The member with these (course, rating), courses rising. For the ratings of a user of the fit it is that user, bit for bit.
    ///
    /// # Errors
    /// [`crate::Error::ColumnOutOfRange`] or [`crate::Error::ColumnOrder`] for bad courses, [`crate::Error::NotFinite`] for a bad
    /// rating, [`crate::Error::NotPositiveDefinite`] where `reg` is too low.
    pub fn fold_in(&self, history: &[(u32, f64)]) -> Result<Member> {
        check_one(history, self.courses.ncols())?;
        let (courses, ratings): (Vec<u32>, Vec<f64>) = history.iter().copied().unzip();
        let side = user_side(&self.courses, self.mean, self.params, Part::Whole);
        let mut room = Workspace::new(self.courses.nrows());
        let row = side.solve_row(&courses, &ratings, &mut room).map_err(|refused| side.error(0, refused))?;
        Ok(Member { row: row.col_as_slice(0).to_vec() })
    }

    /// r̂ of a member and a course; of a course beyond the fit's, the member's bias remains.
    pub fn predict_member(&self, member: &Member, course: usize) -> f64 {
        let product = if course < self.courses.ncols() { product(&member.row, self.courses.col_as_slice(course)) } else { 0.0 };
        self.mean + member.bias() + self.course_bias(course) + product
    }
}
