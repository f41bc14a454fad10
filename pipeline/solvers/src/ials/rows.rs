//! One side's turn: the exact solve of each row's system, rows in parallel. Who takes turns when belongs to `solve`.
//!
//! Single precision: a row's system is small and penalised, and its residual stays at a few ε. The Gram matrix, a sum over all rows,
//! is double.

use std::cmp::Reverse;
use std::sync::{Mutex, MutexGuard, PoisonError};

use faer::Mat;

use super::blocks;
use super::problem::ValidParams;
use crate::cholesky::{NotPositive, rounding};
use crate::error::{Error, Result};
use crate::gram;
use crate::simd::{self, PADDING};
use crate::sparse::Csr;

/// Vectors of a history that enter a system in one matrix product; with a system they fit into a core's cache.
pub(super) const HISTORY_BLOCK: usize = 256;
/// Every positive counts the same.
const ONES: [f32; HISTORY_BLOCK] = [1.0; HISTORY_BLOCK];
/// Rows that a thread takes at once; only scheduling depends on it.
const TASK_ROWS: usize = 16;

/// What the systems of all rows of one side share.
pub(super) struct Side<'a> {
    /// What a row is, for messages.
    name: &'static str,
    /// H, dim × others.
    pub(super) others: &'a Mat<f32>,
    /// α₀ HᵀH, padded; one on the diagonal of what is padding.
    pub(super) base: Vec<f32>,
    pub(super) params: &'a ValidParams,
}

/// A thread's room for one row at a time. Systems and vectors are padded by zeros to `padded` values.
pub(super) struct Workspace {
    pub(super) padded: usize,
    pub(super) system: Vec<f32>,
    pub(super) vectors: Vec<f32>,
    pub(super) pivots: Vec<f32>,
    /// Σ h, then the solution.
    pub(super) factor: Vec<f32>,
}

impl Workspace {
    pub(super) fn new(dim: usize) -> Self {
        let padded = dim.next_multiple_of(PADDING);
        Self {
            padded,
            system: vec![0.0; padded * padded],
            vectors: vec![0.0; padded * HISTORY_BLOCK],
            pivots: vec![0.0; padded],
            factor: vec![0.0; padded],
        }
    }
}

impl<'a> Side<'a> {
    /// Prepares a turn against `others`, whose Gram matrix is `gram`.
    pub(super) fn new(name: &'static str, others: &'a Mat<f32>, gram: &Mat<f64>, params: &'a ValidParams) -> Self {
        let (dim, alpha0) = (gram.nrows(), params.get().alpha0);
        let padded = dim.next_multiple_of(PADDING);
        let mut base = vec![0.0; padded * padded];
        for (index, column) in base.chunks_exact_mut(padded).enumerate() {
            if index < dim {
                column.iter_mut().zip(gram.col_as_slice(index)).for_each(|(to, from)| *to = (alpha0 * from) as f32);
            } else {
                column[index] = 1.0;
            }
        }
        Self { name, others, base, params }
    }

    /// Solves every row of `histories` into the columns of `factors`: exactly, or by one pass over blocks of dimensions.
    pub(super) fn solve_all(&self, histories: &Csr, factors: &mut Mat<f32>, block: Option<usize>) -> Result<()> {
        let dim = factors.nrows();
        let queue = Queue::longest_first(histories, factors);
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| match block {
                    None => {
                        let mut room = Workspace::new(dim);
                        queue.drain(|row, factor| {
                            self.solve_row(histories.row_columns(row), &mut room).map(|found| factor.copy_from_slice(found))
                        });
                    }
                    Some(width) => {
                        let mut room = blocks::Workspace::new(width.min(dim));
                        queue.drain(|row, factor| self.improve_row(histories.row_columns(row), factor, &mut room));
                    }
                });
            }
        });
        match queue.first_failure() {
            Some((row, refused)) => Err(self.error(row, refused)),
            None => Ok(()),
        }
    }

    /// Solves one row and lends its w of the module's equation. An empty history gives zero.
    pub(super) fn solve_row<'r>(&self, history: &[u32], room: &'r mut Workspace) -> std::result::Result<&'r [f32], NotPositive> {
        let (dim, padded) = (self.others.nrows(), room.padded);
        room.factor.fill(0.0);
        if history.is_empty() {
            return Ok(&room.factor[..dim]);
        }
        room.system.copy_from_slice(&self.base);
        for part in history.chunks(HISTORY_BLOCK) {
            for (place, &other) in room.vectors.chunks_exact_mut(padded).zip(part) {
                place[..dim].copy_from_slice(self.others.col_as_slice(other as usize));
            }
            let vectors = &room.vectors[..part.len() * padded];
            simd::add_vectors(&mut room.factor, vectors, &ONES);
            simd::add_outer(&mut room.system, vectors, padded);
        }
        let penalty = self.params.penalty(history.len(), self.others.ncols()) as f32;
        (0..dim).for_each(|index| room.system[index * padded + index] += penalty);
        simd::cholesky(&mut room.system, &mut room.pivots, rounding::<f32>(dim) as f32).map_err(|pivot| NotPositive { pivot })?;
        simd::solve(&room.system, &room.pivots, &mut room.factor);
        Ok(&room.factor[..dim])
    }

    /// The error for a row that could not be solved.
    pub(super) fn error(&self, row: usize, refused: NotPositive) -> Error {
        Error::NotPositiveDefinite { what: self.name, row, pivot: refused.pivot, remedy: "reg" }
    }
}

/// Rows with their factors, which threads take from the longest history down: no thread ends with a long one while the others wait.
struct Queue<'f> {
    waiting: Mutex<std::vec::IntoIter<(usize, &'f mut [f32])>>,
    failures: Mutex<Vec<(usize, NotPositive)>>,
}

impl<'f> Queue<'f> {
    fn longest_first(histories: &Csr, factors: &'f mut Mat<f32>) -> Self {
        let columns = factors.col_iter_mut().filter_map(|column| column.try_as_col_major_mut().map(|column| column.as_slice_mut()));
        let mut rows: Vec<(usize, &mut [f32])> = columns.enumerate().collect();
        rows.sort_by_key(|(row, _)| Reverse(histories.row_columns(*row).len()));
        Self { waiting: Mutex::new(rows.into_iter()), failures: Mutex::new(Vec::new()) }
    }

    fn drain(&self, mut solve: impl FnMut(usize, &mut [f32]) -> std::result::Result<(), NotPositive>) {
        loop {
            let task: Vec<(usize, &mut [f32])> = lock(&self.waiting).by_ref().take(TASK_ROWS).collect();
            if task.is_empty() {
                return;
            }
            for (row, factor) in task {
                if let Err(refused) = solve(row, factor) {
                    lock(&self.failures).push((row, refused));
                }
            }
        }
    }

    fn first_failure(&self) -> Option<(usize, NotPositive)> {
        lock(&self.failures).iter().min_by_key(|failure| failure.0).copied()
    }
}

/// A thread that panicked ends the scope; what it held is looked at no more.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// HᵀH of factors (dim × rows), in double precision.
pub(super) fn factor_gram(factors: &Mat<f32>) -> Mat<f64> {
    gram::gram(factors.nrows(), factors.ncols(), |range, mut block| {
        for (column, row) in range.enumerate() {
            factors.col_as_slice(row).iter().enumerate().for_each(|(index, value)| block[(index, column)] = f64::from(*value));
        }
    })
}
