//! Splits scores into what each past course adds.
//!
//! ```text
//! score(u, i) = h_i · w_u = Σ_j h_i · S_u⁻¹ h_j        S_u: the user's system, j: the user's history
//! ```

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use super::solve::Model;
use crate::cholesky;
use crate::error::{Error, Result};
use crate::gram::add_outer;
use crate::sparse::check_columns;

impl Model {
    /// What each course of `history` (rising) adds to the score of each of `courses`: history × courses, in double precision.
    /// A column sums to the score of that course, up to the rounding of single-precision factors.
    ///
    /// # Errors
    /// [`Error::ColumnOutOfRange`] or [`Error::ColumnOrder`] for bad indices, [`Error::NotPositiveDefinite`] where `reg` is
    /// too low.
    pub fn explain(&self, history: &[u32], courses: &[u32]) -> Result<Mat<f64>> {
        check_columns(history, 0, self.courses.ncols())?;
        for &course in courses {
            check_columns(&[course], 0, self.courses.ncols())?;
        }
        let past = self.vectors(history);
        let factor = self.factorised_system(&past)?;
        let mut solved = self.vectors(courses);
        cholesky::solve(factor.as_ref(), solved.as_mut());
        let mut contributions = Mat::zeros(history.len(), courses.len());
        matmul(contributions.as_mut(), Accum::Replace, past.transpose(), solved.as_ref(), 1.0, Par::Seq);
        Ok(contributions)
    }

    fn vectors(&self, courses: &[u32]) -> Mat<f64> {
        Mat::from_fn(self.courses.nrows(), courses.len(), |row, place| f64::from(self.courses[(row, courses[place] as usize)]))
    }

    fn factorised_system(&self, past: &Mat<f64>) -> Result<Mat<f64>> {
        let dim = past.nrows();
        let alpha0 = self.params.get().alpha0;
        let mut system = Mat::from_fn(dim, dim, |row, column| alpha0 * self.course_gram[(row, column)]);
        add_outer(system.as_mut(), past.as_ref());
        let penalty = self.params.penalty(past.ncols(), self.courses.ncols());
        (0..dim).for_each(|index| system[(index, index)] += penalty);
        let refused = cholesky::factorise(system.as_mut(), &mut cholesky::scratch::<f64>(dim)).err();
        match refused {
            Some(refused) => Err(Error::NotPositiveDefinite { what: "user", row: 0, pivot: refused.pivot, remedy: "reg" }),
            None => Ok(system),
        }
    }
}
