//! A factor for a history that the fit never saw: the same row solve, once.

use super::rows::{Side, Workspace};
use super::solve::Model;
use crate::error::Result;
use crate::sparse::check_columns;

impl Model {
    /// The factor of a user with this history (course indices, rising). For a history of the fit it is that user's factor,
    /// bit for bit.
    ///
    /// # Errors
    /// [`crate::Error::ColumnOutOfRange`] or [`crate::Error::ColumnOrder`] for a bad history,
    /// [`crate::Error::NotPositiveDefinite`] where `reg` is too low.
    pub fn fold_in(&self, history: &[u32]) -> Result<Vec<f32>> {
        check_columns(history, 0, self.courses.ncols())?;
        let dim = self.courses.nrows();
        let side = Side::new("user", &self.courses, &self.course_gram, &self.params);
        let mut room = Workspace::new(dim);
        let factor = side.solve_row(history, &mut room).map_err(|refused| side.error(0, refused))?;
        Ok(factor.to_vec())
    }
}
