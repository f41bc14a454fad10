//! How much was explained, and how orthogonal the factors are. Decides nothing.

use faer::Mat;

use crate::gram::gram;

/// Sizes and accuracy of one fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// Users.
    pub users: usize,
    /// Courses.
    pub courses: usize,
    /// Stored entries of X.
    pub entries: usize,
    /// Singular values found.
    pub dim: usize,
    /// Estimate that was held against the limit.
    pub required_bytes: u64,
    /// Σ s² / ‖X‖²; 1 where X is zero.
    pub explained: f64,
    /// The largest element of |VᵀV − I|.
    pub orthogonality: f64,
}

/// The largest element by which the products of directions differ from those of an orthonormal basis.
pub(super) fn orthogonality(basis: &Mat<f64>) -> f64 {
    let dim = basis.nrows();
    if dim == 0 {
        return 0.0;
    }
    let gram = gram(dim, basis.ncols(), |range, mut block| block.copy_from(basis.as_ref().subcols(range.start, range.len())));
    (gram - Mat::<f64>::identity(dim, dim)).norm_max()
}
