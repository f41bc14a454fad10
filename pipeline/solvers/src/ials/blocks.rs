//! Block coordinate solves for long factors (Rendle et al. 2021, iALS++). The exact solve belongs to `rows`.
//!
//! ```text
//! for each block π of dimensions:   w_π ← w_π − A_ππ⁻¹ (A w − Σ h)_π        A: the row's system
//! ```
//! A turn costs |I_u| d b + d b² per row in place of |I_u| d² + d³. It never raises the loss, and stands still only where the exact
//! solve does, but comes there over the epochs. One block as wide as the factor is the exact solve.

use std::ops::Range;

use super::rows::{HISTORY_BLOCK, Side};
use crate::cholesky::{NotPositive, rounding};
use crate::simd::{self, PADDING};

/// A thread's room for one row at a time.
pub(super) struct Workspace {
    width: usize,
    /// Of the row.
    penalty: f32,
    system: Vec<f32>,
    vectors: Vec<f32>,
    pivots: Vec<f32>,
    /// The gradient of the block, then its step.
    step: Vec<f32>,
    /// h · w − 1 of each positive.
    misses: Vec<f32>,
}

impl Workspace {
    pub(super) fn new(width: usize) -> Self {
        let padded = width.next_multiple_of(PADDING);
        Self {
            width,
            penalty: 0.0,
            system: vec![0.0; padded * padded],
            vectors: vec![0.0; padded * HISTORY_BLOCK],
            pivots: vec![0.0; padded],
            step: vec![0.0; padded],
            misses: Vec::new(),
        }
    }
}

impl Side<'_> {
    /// Improves a row's factor by one pass over its blocks. An empty history gives zero.
    pub(super) fn improve_row(&self, history: &[u32], factor: &mut [f32], room: &mut Workspace) -> Result<(), NotPositive> {
        if history.is_empty() {
            factor.fill(0.0);
            return Ok(());
        }
        room.misses.clear();
        room.misses.extend(history.iter().map(|&other| simd::dot(self.others.col_as_slice(other as usize), factor) - 1.0));
        room.penalty = self.params.penalty(history.len(), self.others.ncols()) as f32;
        for first in (0..factor.len()).step_by(room.width) {
            let width = room.width.min(factor.len() - first);
            self.improve_block(history, factor, first..first + width, room)?;
        }
        Ok(())
    }

    fn improve_block(&self, history: &[u32], factor: &mut [f32], block: Range<usize>, room: &mut Workspace) -> Result<(), NotPositive> {
        let padded = block.len().next_multiple_of(PADDING);
        self.start(factor, &block, room);
        let (system, pivots, step) = (&mut room.system[..padded * padded], &mut room.pivots[..padded], &mut room.step[..padded]);
        for (part, misses) in history.chunks(HISTORY_BLOCK).zip(room.misses.chunks(HISTORY_BLOCK)) {
            for (place, &other) in room.vectors.chunks_exact_mut(padded).zip(part) {
                place[..block.len()].copy_from_slice(&self.others.col_as_slice(other as usize)[block.clone()]);
                place[block.len()..].fill(0.0);
            }
            let vectors = &room.vectors[..part.len() * padded];
            simd::add_vectors(step, vectors, misses);
            simd::add_outer(system, vectors, padded);
        }
        simd::cholesky(system, pivots, rounding::<f32>(block.len()) as f32).map_err(|pivot| NotPositive { pivot: block.start + pivot })?;
        simd::solve(system, pivots, step);
        factor[block.clone()].iter_mut().zip(&*step).for_each(|(value, step)| *value -= step);
        for (miss, &other) in room.misses.iter_mut().zip(history) {
            *miss -= simd::dot(&self.others.col_as_slice(other as usize)[block.clone()], &step[..block.len()]);
        }
        Ok(())
    }

    /// The block's part of α₀ HᵀH + penalty, and the gradient without the positives.
    fn start(&self, factor: &[f32], block: &Range<usize>, room: &mut Workspace) {
        let (whole, padded) = (factor.len().next_multiple_of(PADDING), block.len().next_multiple_of(PADDING));
        room.system.fill(0.0);
        room.step.fill(0.0);
        for (index, column) in room.system[..padded * padded].chunks_exact_mut(padded).enumerate() {
            if index >= block.len() {
                column[index] = 1.0;
                continue;
            }
            let base = &self.base[(block.start + index) * whole..][..factor.len()];
            column[..block.len()].copy_from_slice(&base[block.clone()]);
            column[index] += room.penalty;
            room.step[index] = simd::dot(base, factor) + room.penalty * factor[block.start + index];
        }
    }
}
