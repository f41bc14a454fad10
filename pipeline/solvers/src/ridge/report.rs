//! How well the normal equations were solved. Computes from what `solve` hands over and decides nothing.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};

/// Sizes, accuracy and conditioning of one fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// Rows of A and B.
    pub members: usize,
    /// Columns of B.
    pub behaviours: usize,
    /// Columns of A.
    pub courses: usize,
    /// Stored entries of A.
    pub entries: usize,
    /// Estimate that was held against the limit.
    pub required_bytes: u64,
    /// ‖(BᵀB + λN I) W − BᵀA‖ / ‖BᵀA‖, Frobenius; 0 where BᵀA is 0.
    pub residual: f64,
    /// Smallest squared pivot of the Cholesky factor.
    pub smallest_pivot: f64,
    /// Largest squared pivot; divided by the smallest, a lower bound of the condition number.
    pub largest_pivot: f64,
}

/// Squared norms of a residual and of what it is relative to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Residual {
    error: f64,
    scale: f64,
}

impl Residual {
    /// The residual of `system · solution = rhs`; uses `rhs` as its room.
    pub(super) fn of(system: MatRef<'_, f64>, solution: MatRef<'_, f64>, mut rhs: Mat<f64>) -> Self {
        let scale = rhs.squared_norm_l2();
        matmul(rhs.as_mut(), Accum::Add, system, solution, -1.0, Par::Seq);
        Self { error: rhs.squared_norm_l2(), scale }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { error: self.error + other.error, scale: self.scale + other.scale }
    }

    pub(super) fn relative(self) -> f64 {
        if self.scale > 0.0 { (self.error / self.scale).sqrt() } else { 0.0 }
    }
}
