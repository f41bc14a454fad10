//! Block coordinate solves for long factors (Rendle et al. 2021, iALS++). The exact solve belongs to `rows`.
//!
//! ```text
//! for each block π of dimensions:   w_π ← w_π − A_ππ⁻¹ (A w − Σ h)_π        A: the row's system
//! ```
//! A turn costs |I_u| d b + d b² per row in place of |I_u| d² + d³. It never raises the loss, and stands still only where the exact
//! solve does, but comes there over the epochs. One block as wide as the factor is the exact solve.

use super::rows::{HISTORY_BLOCK, Side};
use crate::cholesky::{NotPositive, rounding};
use crate::simd::{self, PADDING};

/// A thread's room for one row at a time.
pub(super) struct Workspace {
    width: usize,
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
        let penalty = self.params.penalty(history.len(), self.others.ncols()) as f32;
        for first in (0..factor.len()).step_by(room.width) {
            let width = room.width.min(factor.len() - first);
            self.improve_block(history, factor, first..first + width, penalty, room)?;
        }
        Ok(())
    }

    fn improve_block(
        &self,
        history: &[u32],
        factor: &mut [f32],
        block: std::ops::Range<usize>,
        penalty: f32,
        room: &mut Workspace,
    ) -> Result<(), NotPositive> {
        let padded = block.len().next_multiple_of(PADDING);
        let (system, pivots, step) = (&mut room.system[..padded * padded], &mut room.pivots[..padded], &mut room.step[..padded]);
        self.start(system, step, factor, &block, penalty);
        for (part, misses) in history.chunks(HISTORY_BLOCK).zip(room.misses.chunks(HISTORY_BLOCK)) {
            for ((place, &other), miss) in room.vectors.chunks_exact_mut(padded).zip(part).zip(misses) {
                place[..block.len()].copy_from_slice(&self.others.col_as_slice(other as usize)[block.clone()]);
                place[block.len()..].fill(0.0);
                simd::add_scaled(step, place, *miss);
            }
            simd::add_outer(system, &room.vectors[..part.len() * padded], padded);
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
    fn start(&self, system: &mut [f32], step: &mut [f32], factor: &[f32], block: &std::ops::Range<usize>, penalty: f32) {
        let (whole, padded) = (factor.len().next_multiple_of(PADDING), step.len());
        system.fill(0.0);
        step.fill(0.0);
        for (index, column) in system.chunks_exact_mut(padded).enumerate() {
            if index >= block.len() {
                column[index] = 1.0;
                continue;
            }
            let base = &self.base[(block.start + index) * whole..][..factor.len()];
            column[..block.len()].copy_from_slice(&base[block.clone()]);
            column[index] += penalty;
            step[index] = simd::dot(base, factor) + penalty * factor[block.start + index];
        }
    }
}
