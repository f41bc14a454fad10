//! Uses the singular vectors: histories are projected on them and back.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};

use crate::error::Result;
use crate::histories::{check_block, check_one};
use crate::simd::add_scaled;
use crate::sparse::Csr;

/// Singular values and vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) user_factors: Mat<f32>,
    pub(super) singular_values: Vec<f64>,
    pub(super) course_factors: Mat<f32>,
}

impl Model {
    /// U, dim × users.
    pub fn user_factors(&self) -> &Mat<f32> {
        &self.user_factors
    }

    /// Singular values, falling.
    pub fn singular_values(&self) -> &[f64] {
        &self.singular_values
    }

    /// V, dim × courses.
    pub fn course_factors(&self) -> &Mat<f32> {
        &self.course_factors
    }

    /// x V, dim values; for a row of the fit that is s · u.
    ///
    /// # Errors
    /// [`crate::Error::ColumnOutOfRange`] or [`crate::Error::ColumnOrder`] for a bad history, [`crate::Error::NotFinite`] for a bad
    /// weight.
    pub fn fold_in(&self, history: &[(u32, f32)]) -> Result<Vec<f32>> {
        check_one(history, self.course_factors.ncols())?;
        let mut factor = vec![0.0; self.course_factors.nrows()];
        history.iter().for_each(|&(course, weight)| self.add(course, weight, &mut factor));
        Ok(factor)
    }

    /// Scores x V Vᵀ of some `rows` of `histories` (members × courses) as courses × rows, on the calling thread.
    ///
    /// # Errors
    /// [`crate::Error::Length`] if the histories have other courses or fewer rows.
    pub fn score_block(&self, histories: &Csr, rows: Range<usize>) -> Result<Mat<f32>> {
        check_block(histories, &rows, self.course_factors.ncols())?;
        let mut factors = Mat::zeros(self.course_factors.nrows(), rows.len());
        for (place, row) in rows.enumerate() {
            let factor = factors.col_as_slice_mut(place);
            histories.row(row).for_each(|(course, weight)| self.add(course, weight as f32, factor));
        }
        let mut scores = Mat::zeros(self.course_factors.ncols(), factors.ncols());
        matmul(scores.as_mut(), Accum::Replace, self.course_factors.transpose(), factors.as_ref(), 1.0, Par::Seq);
        Ok(scores)
    }

    fn add(&self, course: u32, weight: f32, factor: &mut [f32]) {
        add_scaled(factor, self.course_factors.col_as_slice(course as usize), weight);
    }
}
