//! Bases as directions × rows: making them orthogonal, turning them, and multiplying them with a sparse matrix.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par, Spec};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::gram::gram;
use crate::sparse::Csr;

/// Rows of a basis in one task.
const TASK_ROWS: usize = 256;
/// Directions with less than this share of the first one's length are noise.
const NOISE: f64 = 1e-7;

/// Makes the directions orthogonal and of length one; those that are noise go.
///
/// Twice, because the first time leaves errors that grow with the square of the condition.
pub(super) fn orthogonal(basis: Mat<f64>) -> Result<Mat<f64>> {
    let mut basis = basis;
    for _ in 0..2 {
        let (vectors, lengths) = principal(&basis)?;
        basis = turned(&basis, scaled(&vectors, &lengths).as_ref());
    }
    Ok(basis)
}

/// Eigenvectors of the basis' Gram matrix as columns, longest first, and the roots of their eigenvalues, without noise.
pub(super) fn principal(basis: &Mat<f64>) -> Result<(Mat<f64>, Vec<f64>)> {
    let dim = basis.nrows();
    if dim == 0 {
        return Ok((Mat::zeros(0, 0), Vec::new()));
    }
    let gram = gram(dim, basis.ncols(), |range, mut block| block.copy_from(basis.as_ref().subcols(range.start, range.len())));
    if let Some((column, value)) = (0..dim).map(|index| (index, gram[(index, index)])).find(|(_, value)| !value.is_finite()) {
        return Err(Error::NotFinite { matrix: "Gram matrix", row: column, column, value });
    }
    let (mut values, mut vectors) = (Diag::zeros(dim), Mat::zeros(dim, dim));
    let scratch = self_adjoint_evd_scratch::<f64>(dim, ComputeEigenvectors::Yes, Par::Seq, Spec::default());
    let mut scratch = MemBuffer::new(scratch);
    self_adjoint_evd(gram.as_ref(), values.as_mut(), Some(vectors.as_mut()), Par::Seq, MemStack::new(&mut scratch), Spec::default())
        .map_err(|_| Error::Parameter { name: "dim", value: dim as f64, expected: "a value for which eigenvalues converge" })?;
    let lengths: Vec<f64> = values.column_vector().iter().rev().map(|value| value.max(0.0).sqrt()).collect();
    let first = lengths.first().copied().unwrap_or(0.0);
    let kept = lengths.iter().take_while(|length| **length > first * NOISE).count();
    let vectors = vectors.reverse_cols().subcols(0, kept).to_owned();
    Ok((vectors, lengths[..kept].to_vec()))
}

/// Columns divided by their lengths.
pub(super) fn scaled(vectors: &Mat<f64>, lengths: &[f64]) -> Mat<f64> {
    Mat::from_fn(vectors.nrows(), vectors.ncols(), |row, column| vectors[(row, column)] / lengths[column])
}

/// `turn`ᵀ · `basis`, in blocks of rows.
pub(super) fn turned(basis: &Mat<f64>, turn: MatRef<'_, f64>) -> Mat<f64> {
    let mut turned = Mat::zeros(turn.ncols(), basis.ncols());
    turned.as_mut().par_col_chunks_mut(TASK_ROWS).enumerate().for_each(|(task, columns)| {
        let rows = basis.as_ref().subcols(task * TASK_ROWS, columns.ncols());
        matmul(columns, Accum::Replace, turn.transpose(), rows, 1.0, Par::Seq);
    });
    turned
}

/// `rows` · `basis`, as directions × rows: a row's entries add in order.
pub(super) fn product(rows: &Csr, basis: &Mat<f64>) -> Mat<f64> {
    let mut product = Mat::zeros(basis.nrows(), rows.rows());
    product.as_mut().par_col_chunks_mut(TASK_ROWS).enumerate().for_each(|(task, mut columns)| {
        for (offset, sum) in columns.as_mut().col_iter_mut().enumerate() {
            if let Some(sum) = sum.try_as_col_major_mut() {
                let sum = sum.as_slice_mut();
                for (other, value) in rows.row(task * TASK_ROWS + offset) {
                    sum.iter_mut().zip(basis.col_as_slice(other as usize)).for_each(|(sum, direction)| *sum += value * direction);
                }
            }
        }
    });
    product
}
