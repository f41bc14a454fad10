//! W for other targets than the positives themselves, such as positives that fade: what a history says of what is taken up now.
//!
//! ```text
//! min_B Σ_j ‖Y_j − X B_j‖² + λ‖B_j‖²,  B_jj = 0        B' = P XᵀY,  B_j = B'_j − P_j · B'_jj / P_jj,  P = (I − W) diag(P_jj)
//! ```
//! With Y = X that is W again.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use rayon::prelude::*;

use super::predict::Model;
use super::problem::{ValidParams, required_bytes};
use crate::error::{Error, Result};
use crate::memory::check_memory;
use crate::sparse::Csr;

/// Columns in one task.
const COLUMNS: usize = 8;

impl Model {
    /// The model of the same positives X (users × courses) with targets Y in the same places.
    ///
    /// # Errors
    /// [`Error::Length`] where X or Y are of other users or courses, [`Error::Memory`] before anything is allocated.
    pub fn towards(self, (x, y): (&Csr, &Csr), params: &ValidParams) -> Result<Self> {
        let courses = self.courses();
        for (what, found, expected) in [
            ("columns of positives", x.columns(), courses),
            ("columns of targets", y.columns(), courses),
            ("rows of targets", y.rows(), x.rows()),
        ] {
            if found != expected {
                return Err(Error::Length { what, found, expected });
            }
        }
        let bytes = required_bytes(courses).saturating_add(Csr::required_bytes(courses, y.entries()));
        check_memory("ease", bytes, params.get().memory_limit_bytes, "use fewer courses or raise the memory limit")?;
        let scaled = products(x, y, &self.inverse_diagonal);
        Ok(self.with_scaled(scaled))
    }

    /// The same from YᵀX (courses × courses): entry (j, k) is Σ over users Y_uj X_uk.
    ///
    /// # Errors
    /// [`Error::Length`] where it is of other courses, [`Error::NotFinite`] for NaN or infinity, [`Error::Memory`] before anything is
    /// allocated.
    pub fn towards_product(self, mut product: Mat<f32>, params: &ValidParams) -> Result<Self> {
        let courses = self.courses();
        for (what, found) in [("rows of the product", product.nrows()), ("columns of the product", product.ncols())] {
            if found != courses {
                return Err(Error::Length { what, found, expected: courses });
            }
        }
        check_memory("ease", required_bytes(courses), params.get().memory_limit_bytes, "use fewer courses or raise the memory limit")?;
        for (column, inverse) in self.inverse_diagonal.iter().enumerate() {
            for (row, value) in product.col_as_slice_mut(column).iter_mut().enumerate() {
                if !value.is_finite() {
                    return Err(Error::NotFinite { matrix: "product", row, column, value: f64::from(*value) });
                }
                *value = (f64::from(*value) * inverse) as f32;
            }
        }
        Ok(self.with_scaled(product))
    }

    /// `scaled`: Cᵀ for C = diag(P_jj) XᵀY.
    fn with_scaled(self, scaled: Mat<f32>) -> Self {
        let courses = self.courses();
        // Bᵀ = Cᵀ − Cᵀ Wᵀ, and Wᵀ is what is stored.
        let mut adds = scaled.clone();
        matmul(adds.as_mut(), Accum::Add, scaled.as_ref(), self.adds.as_ref(), -1.0, Par::rayon(0));
        drop(scaled);
        let factors: Vec<f32> =
            (0..courses).map(|course| (f64::from(adds[(course, course)]) / self.inverse_diagonal[course]) as f32).collect();
        adds.as_mut().par_col_chunks_mut(COLUMNS).enumerate().for_each(|(chunk, mut columns)| {
            for (offset, column) in columns.as_mut().col_iter_mut().enumerate() {
                let own = chunk * COLUMNS + offset;
                for (row, value) in column.iter_mut().enumerate() {
                    // P_ij = −W_ij P_jj off the diagonal.
                    let inverse = -f64::from(self.adds[(row, own)]) * self.inverse_diagonal[row];
                    *value = if row == own { 0.0 } else { *value - inverse as f32 * factors[row] };
                }
            }
        });
        Self { adds, inverse_diagonal: self.inverse_diagonal }
    }
}

/// Cᵀ for C = diag(P_kk) XᵀY: entry (j, k) is P_kk Σ over users X_uk Y_uj. A column is one task's, which adds its users in order.
fn products(x: &Csr, y: &Csr, inverse_diagonal: &[f64]) -> Mat<f32> {
    let by_course = x.transposed();
    let mut products = Mat::zeros(x.columns(), x.columns());
    products.as_mut().par_col_chunks_mut(COLUMNS).with_max_len(1).enumerate().for_each(|(chunk, mut columns)| {
        let mut sums = vec![0.0_f64; x.columns()];
        for (offset, column) in columns.as_mut().col_iter_mut().enumerate() {
            let course = chunk * COLUMNS + offset;
            sums.fill(0.0);
            for (user, value) in by_course.row(course) {
                y.row(user as usize).for_each(|(target, wanted)| sums[target as usize] += value * wanted);
            }
            column.iter_mut().zip(&sums).for_each(|(place, sum)| *place = (sum * inverse_diagonal[course]) as f32);
        }
    });
    products
}
