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
    let sampled: [usize; SAMPLED_COURSES] = std::array::from_fn(|sample| sample * courses / SAMPLED_COURSES);
    let inverse = |row: usize, course: usize| {
        let share = if row == course { 1.0 } else { -f64::from(model.weights()[(row, course)]) };
        share * inverse_diagonal[course]
    };
    let columns: Vec<Sampled> = (0..courses).map(|row| sampled.map(|course| inverse(row, course))).collect();
    let mut error = product(system, diagonal, &columns);
    sampled.iter().enumerate().for_each(|(sample, &course)| error[course][sample] -= 1.0);
    let norm = |sample: usize| error.iter().map(|values| values[sample] * values[sample]).sum::<f64>().sqrt();
    (0..SAMPLED_COURSES).map(norm).fold(0.0, f64::max)
}

/// One value of each sampled course.
type Sampled = [f64; SAMPLED_COURSES];

/// The symmetric product with all samples in one pass over the part above the diagonal.
fn product(system: MatRef<'_, f64>, diagonal: &[f64], columns: &[Sampled]) -> Vec<Sampled> {
    let mut product: Vec<Sampled> = diagonal.iter().zip(columns).map(|(own, values)| values.map(|value| own * value)).collect();
    for (index, column) in system.col_iter().enumerate() {
        let mut along = [0.0; SAMPLED_COURSES];
        for ((value, sum), other) in column.iter().zip(&mut product).zip(columns).take(index) {
            for sample in 0..SAMPLED_COURSES {
                sum[sample] += value * columns[index][sample];
                along[sample] += value * other[sample];
            }
        }
        product[index].iter_mut().zip(along).for_each(|(sum, along)| *sum += along);
    }
    product
}
