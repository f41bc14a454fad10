//! How well the weights solve their equations. Computes from what `solve` hands over and decides nothing.

use faer::MatRef;

use super::predict::Model;

/// Courses whose equations are checked.
const SAMPLED_COURSES: usize = 4;

/// Sizes, accuracy and conditioning of one fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// Courses.
    pub courses: usize,
    /// Estimate that was held against the limit.
    pub required_bytes: u64,
    /// The largest ‖(XᵀX + λI) P_j − e_j‖ of sampled courses, with P_j from the single-precision weights.
    pub residual: f64,
    /// Smallest squared pivot of the Cholesky factor.
    pub smallest_pivot: f64,
    /// Largest squared pivot; divided by the smallest, a lower bound of the condition number.
    pub largest_pivot: f64,
}

/// `system` holds the Gram matrix above its diagonal, which is given apart.
pub(super) fn residual(system: MatRef<'_, f64>, diagonal: &[f64], model: &Model, inverse_diagonal: &[f64]) -> f64 {
    let courses = diagonal.len();
    let step = courses.div_ceil(SAMPLED_COURSES);
    let of_course = |course: usize| -> f64 {
        let own = inverse_diagonal[course];
        let mut column: Vec<f64> = model.weights().col(course).iter().map(|weight| -f64::from(*weight) * own).collect();
        column[course] = own;
        let mut error = product(system, diagonal, &column);
        error[course] -= 1.0;
        error.iter().map(|value| value * value).sum::<f64>().sqrt()
    };
    (0..courses).step_by(step).map(of_course).fold(0.0, f64::max)
}

/// The symmetric product, from the part above the diagonal.
fn product(system: MatRef<'_, f64>, diagonal: &[f64], vector: &[f64]) -> Vec<f64> {
    let mut product: Vec<f64> = diagonal.iter().zip(vector).map(|(a, b)| a * b).collect();
    for (index, column) in system.col_iter().enumerate() {
        let mut along = 0.0;
        for (row, value) in column.iter().enumerate().take(index) {
            product[row] += value * vector[index];
            along += value * vector[row];
        }
        product[index] += along;
    }
    product
}
