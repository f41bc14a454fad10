//! Large positive definite systems in double precision on all cores. What the system means belongs to the solvers.
//!
//! Work is cut into panels at fixed places and every piece is one thread's, so the bits don't depend on the number of threads.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::traits::RealField;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::cholesky::{self, NotPositive, Pivots};

/// Columns of a panel.
pub(crate) const PANEL: usize = 256;
/// Columns that one task mirrors: what they read lies side by side.
const MIRROR_COLUMNS: usize = 16;

/// Replaces the lower triangle of `system` by L, where system = L Lᵀ; what lies above the diagonal stays as it is.
pub(crate) fn factorise(mut system: MatMut<'_, f64>) -> Result<Pivots, NotPositive> {
    let dim = system.nrows();
    let diagonal: Vec<f64> = (0..dim).map(|index| system[(index, index)]).collect();
    let mut scratch = cholesky::scratch::<f64>(PANEL.min(dim));
    for first in (0..dim).step_by(PANEL) {
        let width = PANEL.min(dim - first);
        let (_, trailing) = system.as_mut().split_at_row_mut(first);
        let (left, right) = trailing.split_at_col_mut(first + width);
        let (mut square, below) = left.subcols_mut(first, width).split_at_row_mut(width);
        // On a copy, because the factorisation uses what lies above the diagonal as its room.
        let mut factor = square.as_ref().to_owned();
        cholesky::factorise(factor.as_mut(), &mut scratch).map_err(|refused| NotPositive { pivot: first + refused.pivot })?;
        square.copy_from_triangular_lower(&factor);
        below_the_square(square.as_ref(), below, right.subrows_mut(width, dim - first - width));
    }
    cholesky::check_pivots(system.as_ref(), &diagonal)
}

/// Solves the rows below a factorised square, and takes them from all that is right of them.
fn below_the_square(square: MatRef<'_, f64>, mut below: MatMut<'_, f64>, right: MatMut<'_, f64>) {
    let rows = below.as_mut().par_row_chunks_mut(PANEL);
    rows.for_each(|rows| solve_lower_triangular_in_place(square, rows.transpose_mut(), Par::Seq));
    let below = below.as_ref();
    right.par_col_chunks_mut(PANEL).with_max_len(1).enumerate().for_each(|(chunk, columns)| {
        let (first, width) = (chunk * PANEL, columns.ncols());
        let (_, columns) = columns.split_at_row_mut(first);
        let (triangle, rest) = columns.split_at_row_mut(width);
        let (own, others) = (below.subrows(first, width), below.subrows(first + width, rest.nrows()));
        let (lower, full) = (BlockStructure::TriangularLower, BlockStructure::Rectangular);
        triangular::matmul(triangle, lower, Accum::Add, own, full, own.transpose(), full, -1.0, Par::Seq);
        matmul(rest, Accum::Add, others, own.transpose(), -1.0, Par::Seq);
    });
}

/// The inverse of L Lᵀ in single precision, both triangles, and its diagonal in double precision.
///
/// ```text
/// column block j:   L_j Y = [I 0]ᵀ,   L_jᵀ P_j = Y        L_j: the part of L below and right of row j
/// ```
/// Only rows from j on are solved, a third of a plain inverse's work; the rest is the mirror image.
pub(crate) fn inverse(factor: MatRef<'_, f64>) -> (Mat<f32>, Vec<f64>) {
    let dim = factor.nrows();
    let mut inverse = Mat::zeros(dim, dim);
    let columns = inverse.as_mut().par_col_chunks_mut(PANEL).with_max_len(1).enumerate();
    let diagonals: Vec<Vec<f64>> = columns.map(|(chunk, columns)| inverse_columns(factor, chunk * PANEL, columns)).collect();
    mirror_lower(inverse.as_mut());
    (inverse, diagonals.concat())
}

fn inverse_columns(factor: MatRef<'_, f64>, first: usize, mut columns: MatMut<'_, f32>) -> Vec<f64> {
    let rest = factor.nrows() - first;
    let factor = factor.submatrix(first, first, rest, rest);
    let mut solved = Mat::<f64>::zeros(rest, columns.ncols());
    (0..columns.ncols()).for_each(|index| solved[(index, index)] = 1.0);
    solve_lower_triangular_in_place(factor, solved.as_mut(), Par::Seq);
    solve_upper_triangular_in_place(factor.transpose(), solved.as_mut(), Par::Seq);
    for column in 0..columns.ncols() {
        let values = solved.col_as_slice(column);
        (column..rest).for_each(|row| columns[(first + row, column)] = values[row] as f32);
    }
    (0..columns.ncols()).map(|index| solved[(index, index)]).collect()
}

/// Copies the lower triangle to the upper one.
pub(crate) fn mirror_lower<T: RealField + Copy + Send + Sync>(mut matrix: MatMut<'_, T>) {
    let dim = matrix.nrows();
    for first in (0..dim).step_by(PANEL) {
        let width = PANEL.min(dim - first);
        let (left, right) = matrix.as_mut().split_at_col_mut(first);
        let left = left.as_ref();
        right.subcols_mut(0, width).par_col_chunks_mut(MIRROR_COLUMNS).enumerate().for_each(|(chunk, mut columns)| {
            for row in 0..first {
                (0..columns.ncols()).for_each(|column| columns[(row, column)] = left[(first + chunk * MIRROR_COLUMNS + column, row)]);
            }
        });
        let mut square = matrix.as_mut().submatrix_mut(first, first, width, width);
        for column in 0..width {
            (column + 1..width).for_each(|row| square[(column, row)] = square[(row, column)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(dim: usize) -> Mat<f64> {
        let value = |row: usize, column: usize| ((row * 7 + column * 7 + row * column) % 13) as f64 / 13.0;
        Mat::from_fn(dim, dim, |row, column| if row == column { dim as f64 } else { value(row, column) })
    }

    #[test]
    fn inverts_across_panels() {
        for dim in [1, 3, PANEL, 2 * PANEL + 37] {
            let given = system(dim);
            let mut factor = given.clone();
            factorise(factor.as_mut()).unwrap();
            let (inverse, diagonal) = inverse(factor.as_ref());
            let wide = Mat::from_fn(dim, dim, |row, column| f64::from(inverse[(row, column)]));
            assert!((&given * &wide - Mat::<f64>::identity(dim, dim)).norm_max() < 1e-4);
            assert!((0..dim).all(|index| (diagonal[index] - wide[(index, index)]).abs() < 1e-7));
            assert!((1..dim).all(|index| factor[(index - 1, index)].to_bits() == given[(index - 1, index)].to_bits()));
        }
    }

    #[test]
    fn names_the_pivot_of_a_later_panel() {
        let mut singular = system(PANEL + 9);
        singular[(PANEL + 4, PANEL + 4)] = -1.0;
        assert_eq!(factorise(singular.as_mut()).unwrap_err(), NotPositive { pivot: PANEL + 4 });
    }
}
