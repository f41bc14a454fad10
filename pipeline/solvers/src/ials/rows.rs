//! One side's turn: the exact solve of each row's system, rows in parallel. Who takes turns when belongs to `solve`.

use faer::dyn_stack::MemBuffer;
use faer::{Mat, MatMut};
use rayon::prelude::*;

use super::problem::ValidParams;
use crate::cholesky::{self, NotPositive};
use crate::error::{Error, Result};
use crate::gram::{self, add_outer};
use crate::sparse::Csr;

/// Vectors of a history that enter a system in one matrix product.
pub(super) const HISTORY_BLOCK: usize = 256;
/// Rows in one task; only scheduling depends on it.
const TASK_ROWS: usize = 16;

/// What the systems of all rows of one side share.
pub(super) struct Side<'a> {
    /// What a row is, for messages.
    name: &'static str,
    /// H, dim × others.
    others: &'a Mat<f32>,
    /// α₀ HᵀH.
    base: Mat<f32>,
    params: &'a ValidParams,
}

/// A thread's room for one row at a time.
pub(super) struct Workspace {
    system: Mat<f32>,
    vectors: Mat<f32>,
    /// Σ h, then the solution.
    factor: Mat<f32>,
    scratch: MemBuffer,
}

impl Workspace {
    pub(super) fn new(dim: usize) -> Self {
        Self {
            system: Mat::zeros(dim, dim),
            vectors: Mat::zeros(dim, HISTORY_BLOCK),
            factor: Mat::zeros(dim, 1),
            scratch: cholesky::scratch::<f32>(dim),
        }
    }
}

impl<'a> Side<'a> {
    /// Prepares a turn against `others`, whose Gram matrix is `gram`.
    pub(super) fn new(name: &'static str, others: &'a Mat<f32>, gram: &Mat<f64>, params: &'a ValidParams) -> Self {
        let alpha0 = params.get().alpha0;
        let base = Mat::from_fn(gram.nrows(), gram.ncols(), |row, column| (alpha0 * gram[(row, column)]) as f32);
        Self { name, others, base, params }
    }

    /// Solves every row of `histories` into the columns of `factors`.
    pub(super) fn solve_all(&self, histories: &Csr, factors: &mut Mat<f32>) -> Result<()> {
        let dim = factors.nrows();
        let failures: Vec<Option<(usize, NotPositive)>> = factors
            .as_mut()
            .par_col_chunks_mut(TASK_ROWS)
            .enumerate()
            .map_init(|| Workspace::new(dim), |room, (task, columns)| self.solve_task(histories, task * TASK_ROWS, columns, room).err())
            .collect();
        match failures.into_iter().flatten().next() {
            Some((row, refused)) => Err(self.error(row, refused)),
            None => Ok(()),
        }
    }

    /// Solves one row and lends its w of the module's equation, dim × 1. An empty history gives zero.
    pub(super) fn solve_row<'r>(&self, history: &[u32], room: &'r mut Workspace) -> std::result::Result<&'r Mat<f32>, NotPositive> {
        room.factor.fill(0.0);
        if history.is_empty() {
            return Ok(&room.factor);
        }
        room.system.copy_from_triangular_lower(&self.base);
        for part in history.chunks(HISTORY_BLOCK) {
            self.gather(part, room);
            add_outer(room.system.as_mut(), room.vectors.subcols(0, part.len()));
        }
        let penalty = self.params.penalty(history.len(), self.others.ncols()) as f32;
        (0..self.others.nrows()).for_each(|index| room.system[(index, index)] += penalty);
        cholesky::factorise(room.system.as_mut(), &mut room.scratch)?;
        cholesky::solve(room.system.as_ref(), room.factor.as_mut());
        Ok(&room.factor)
    }

    /// The error for a row that could not be solved.
    pub(super) fn error(&self, row: usize, refused: NotPositive) -> Error {
        Error::NotPositiveDefinite { what: self.name, row, pivot: refused.pivot, remedy: "reg" }
    }

    fn solve_task(
        &self,
        histories: &Csr,
        first: usize,
        mut columns: MatMut<'_, f32>,
        room: &mut Workspace,
    ) -> std::result::Result<(), (usize, NotPositive)> {
        for offset in 0..columns.ncols() {
            let row = first + offset;
            let factor = self.solve_row(histories.row_columns(row), room).map_err(|refused| (row, refused))?;
            columns.as_mut().subcols_mut(offset, 1).copy_from(factor);
        }
        Ok(())
    }

    /// Copies the history's vectors side by side and adds them to the row's sum.
    fn gather(&self, history: &[u32], room: &mut Workspace) {
        let sum = room.factor.col_as_slice_mut(0);
        for (place, &other) in history.iter().enumerate() {
            let vector = self.others.col_as_slice(other as usize);
            room.vectors.col_as_slice_mut(place).copy_from_slice(vector);
            sum.iter_mut().zip(vector).for_each(|(total, value)| *total += value);
        }
    }
}

/// HᵀH of factors (dim × rows), in double precision.
pub(super) fn factor_gram(factors: &Mat<f32>) -> Mat<f64> {
    gram::gram(factors.nrows(), factors.ncols(), |range, mut block| {
        for (column, row) in range.enumerate() {
            factors.col_as_slice(row).iter().enumerate().for_each(|(index, value)| block[(index, column)] = f64::from(*value));
        }
    })
}
