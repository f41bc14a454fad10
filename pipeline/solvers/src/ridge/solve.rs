//! Solves the normal equations: one Cholesky factor, then the courses in chunks. Checks of the input belong to `problem`.

use faer::{Mat, MatMut, MatRef};
use rayon::prelude::*;

use super::predict::Model;
use super::problem::{Problem, ValidParams, required_bytes};
use super::report::{Report, Residual};
use crate::cholesky::{self, Pivots};
use crate::error::{Error, Result};
use crate::gram;
use crate::memory::check_memory;
use crate::sparse::Csr;

/// Courses (right-hand sides) that one thread solves at once.
pub(super) const CHUNK_COURSES: usize = 128;

/// Fits W, with a report on how well.
///
/// # Errors
/// [`Error::Memory`] before anything is allocated; [`Error::NotPositiveDefinite`] where λ = 0 leaves dependent behaviours.
pub fn solve(problem: &Problem<'_>, params: &ValidParams) -> Result<(Model, Report)> {
    let (behaviours, affinities) = (problem.behaviours(), problem.affinities());
    let (members, width) = behaviours.shape();
    let bytes = required_bytes(members, width, affinities.columns(), affinities.entries());
    check_memory("ridge", bytes, params.memory_limit_bytes(), "use fewer behaviours or courses, or raise the memory limit")?;

    let by_course = affinities.transposed();
    let behaviour_means = column_means(behaviours);
    let system = penalised_gram(behaviours, &behaviour_means, params.lambda());
    let (factor, pivots) = factorise(&system)?;

    let normal = NormalEquations { behaviours, means: &behaviour_means, by_course: &by_course, system: &system, factor: &factor };
    let mut weights = Mat::zeros(width, affinities.columns());
    let residual = normal.solve_into(weights.as_mut());
    let course_means = (0..by_course.rows()).map(|course| by_course.row_values(course).iter().sum::<f64>() / members as f64).collect();

    let report = Report {
        members,
        behaviours: width,
        courses: affinities.columns(),
        entries: affinities.entries(),
        required_bytes: bytes,
        residual: residual.relative(),
        smallest_pivot: pivots.smallest,
        largest_pivot: pivots.largest,
    };
    Ok((Model { weights, behaviour_means, course_means }, report))
}

/// BᵀB + λN I with centred columns.
fn penalised_gram(behaviours: MatRef<'_, f64>, means: &[f64], lambda: f64) -> Mat<f64> {
    let (members, width) = behaviours.shape();
    let mut system = gram::gram(width, members, |range, mut block| {
        for (column, member) in range.enumerate() {
            (0..width).for_each(|row| block[(row, column)] = behaviours[(member, row)] - means[row]);
        }
    });
    (0..width).for_each(|index| system[(index, index)] += lambda * members as f64);
    system
}

fn factorise(system: &Mat<f64>) -> Result<(Mat<f64>, Pivots)> {
    let mut factor = system.clone();
    let mut scratch = cholesky::scratch::<f64>(factor.nrows());
    let pivots = cholesky::factorise(factor.as_mut(), &mut scratch).map_err(|refused| Error::NotPositiveDefinite {
        what: "behaviour",
        row: refused.pivot,
        pivot: refused.pivot,
        remedy: "lambda",
    })?;
    Ok((factor, pivots))
}

/// Sums go down the members in order, so they don't depend on threads.
fn column_means(matrix: MatRef<'_, f64>) -> Vec<f64> {
    let mut sums = vec![0.0; matrix.ncols()];
    for row in 0..matrix.nrows() {
        sums.iter_mut().enumerate().for_each(|(column, sum)| *sum += matrix[(row, column)]);
    }
    sums.into_iter().map(|sum| sum / matrix.nrows() as f64).collect()
}

struct NormalEquations<'a> {
    behaviours: MatRef<'a, f64>,
    means: &'a [f64],
    by_course: &'a Csr,
    system: &'a Mat<f64>,
    factor: &'a Mat<f64>,
}

impl NormalEquations<'_> {
    fn solve_into(&self, weights: MatMut<'_, f64>) -> Residual {
        let parts: Vec<Residual> = weights
            .par_col_chunks_mut(CHUNK_COURSES)
            .enumerate()
            .map(|(chunk, columns)| self.solve_chunk(chunk * CHUNK_COURSES, columns))
            .collect();
        parts.into_iter().fold(Residual::default(), Residual::plus)
    }

    fn solve_chunk(&self, first_course: usize, mut columns: MatMut<'_, f64>) -> Residual {
        for offset in 0..columns.ncols() {
            self.write_rhs(first_course + offset, columns.as_mut().subcols_mut(offset, 1));
        }
        let rhs = columns.as_ref().to_owned();
        cholesky::solve(self.factor.as_ref(), columns.as_mut());
        Residual::of(self.system.as_ref(), columns.as_ref(), rhs)
    }

    /// One column of BᵀA from the sparse form: Σ aᵢ (B_i − μ). Centring A changes nothing, because centred B sums to zero.
    fn write_rhs(&self, course: usize, mut column: MatMut<'_, f64>) {
        for (member, value) in self.by_course.row(course) {
            for (index, mean) in self.means.iter().enumerate() {
                column[(index, 0)] += value * (self.behaviours[(member as usize, index)] - mean);
            }
        }
    }
}
