//! One side's turn: the joint solve of each row's bias and factor, rows in parallel. Who takes turns when belongs to `solve`.
//!
//! A row is a column of (dim + 1) values: its bias, then its factor.

use faer::dyn_stack::MemBuffer;
use faer::{Mat, MatMut};
use rayon::prelude::*;

use crate::cholesky::{self, NotPositive};
use crate::error::{Error, Result};
use crate::gram::add_outer;
use crate::sparse::Csr;

/// Vectors of a row's ratings that enter its system in one matrix product.
pub(super) const HISTORY_BLOCK: usize = 256;
/// Rows in one task; only scheduling depends on it.
const TASK_ROWS: usize = 32;

/// What the systems of all rows of one side share.
pub(super) struct Side<'a> {
    /// What a row is, for messages.
    pub name: &'static str,
    /// Biases and factors of the other side.
    pub others: &'a Mat<f64>,
    pub mean: f64,
    pub bias_reg: f64,
    pub reg: f64,
    /// Whether factors are solved too, or biases alone.
    pub part: Part,
}

/// What of a row is solved; the rest is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Bias,
    Whole,
}

/// A thread's room for one row at a time.
pub(super) struct Workspace {
    system: Mat<f64>,
    vectors: Mat<f64>,
    solution: Mat<f64>,
    scratch: MemBuffer,
}

impl Workspace {
    pub(super) fn new(len: usize) -> Self {
        Self {
            system: Mat::zeros(len, len),
            vectors: Mat::zeros(len, HISTORY_BLOCK),
            solution: Mat::zeros(len, 1),
            scratch: cholesky::scratch::<f64>(len),
        }
    }
}

impl Side<'_> {
    /// Solves every row of `histories` into the columns of `rows`.
    pub(super) fn solve_all(&self, histories: &Csr, rows: &mut Mat<f64>) -> Result<()> {
        let len = rows.nrows();
        let failures: Vec<Option<(usize, NotPositive)>> = rows
            .as_mut()
            .par_col_chunks_mut(TASK_ROWS)
            .enumerate()
            .map_init(|| Workspace::new(len), |room, (task, columns)| self.solve_task(histories, task * TASK_ROWS, columns, room))
            .collect();
        match failures.into_iter().flatten().next() {
            Some((row, refused)) => Err(self.error(row, refused)),
            None => Ok(()),
        }
    }

    fn solve_task(
        &self,
        histories: &Csr,
        first: usize,
        mut columns: MatMut<'_, f64>,
        room: &mut Workspace,
    ) -> Option<(usize, NotPositive)> {
        for offset in 0..columns.ncols() {
            let row = first + offset;
            match self.solve_row(histories.row_columns(row), histories.row_values(row), room) {
                Ok(found) => columns.as_mut().subcols_mut(offset, 1).copy_from(found),
                Err(refused) => return Some((row, refused)),
            }
        }
        None
    }

    /// Solves one row and lends its bias and factor. Without ratings both are zero.
    pub(super) fn solve_row<'r>(
        &self,
        history: &[u32],
        ratings: &[f64],
        room: &'r mut Workspace,
    ) -> std::result::Result<&'r Mat<f64>, NotPositive> {
        room.solution.fill(0.0);
        if history.is_empty() {
            return Ok(&room.solution);
        }
        let used = if self.part == Part::Whole { self.others.nrows() } else { 1 };
        room.system.fill(0.0);
        let mut system = room.system.as_mut().submatrix_mut(0, 0, used, used);
        system[(0, 0)] = self.bias_reg;
        (1..used).for_each(|index| system[(index, index)] = self.reg * history.len() as f64);
        for (part, ratings) in history.chunks(HISTORY_BLOCK).zip(ratings.chunks(HISTORY_BLOCK)) {
            let rhs = &mut room.solution.col_as_slice_mut(0)[..used];
            self.gather(part, ratings, room.vectors.as_mut().subrows_mut(0, used), rhs);
            add_outer(system.as_mut(), room.vectors.as_ref().submatrix(0, 0, used, part.len()));
        }
        cholesky::factorise(system.as_mut(), &mut room.scratch)?;
        cholesky::solve(system.as_ref(), room.solution.as_mut().subrows_mut(0, used));
        Ok(&room.solution)
    }

    /// The error for a row that could not be solved.
    pub(super) fn error(&self, row: usize, refused: NotPositive) -> Error {
        Error::NotPositiveDefinite { what: self.name, row, pivot: refused.pivot, remedy: "reg" }
    }

    /// Writes (1, q) of each rating side by side and adds them, times what the rating leaves to explain, to the right side.
    fn gather(&self, history: &[u32], ratings: &[f64], mut vectors: MatMut<'_, f64>, rhs: &mut [f64]) {
        for (place, (&other, rating)) in history.iter().zip(ratings).enumerate() {
            let other = self.others.col_as_slice(other as usize);
            let left = rating - self.mean - other[0];
            vectors[(0, place)] = 1.0;
            rhs[0] += left;
            for (index, value) in other.iter().enumerate().take(rhs.len()).skip(1) {
                vectors[(index, place)] = *value;
                rhs[index] += left * value;
            }
        }
    }
}
