//! Gram matrices summed in a fixed order, so that their bits don't depend on the number of threads.

use std::ops::Range;

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::traits::RealField;
use faer::{Accum, Mat, MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::spd::mirror_lower;

/// Vectors in one block; blocks start at fixed places.
const BLOCK_VECTORS: usize = 1024;
/// Partial sums in memory at once.
const WAVE_BLOCKS: usize = 8;

/// Σ x xᵀ over `count` vectors of length `dim`, all of it (both triangles).
///
/// `load` writes the vectors of a range as the columns of a (dim × range length) block of zeros.
pub(crate) fn gram<L>(dim: usize, count: usize, load: L) -> Mat<f64>
where
    L: Fn(Range<usize>, MatMut<'_, f64>) + Sync,
{
    let blocks = count.div_ceil(BLOCK_VECTORS);
    let mut total = Mat::zeros(dim, dim);
    for wave in (0..blocks).step_by(WAVE_BLOCKS) {
        let last = blocks.min(wave + WAVE_BLOCKS);
        let parts: Vec<Mat<f64>> = (wave..last).into_par_iter().map(|block| partial(dim, count, block, &load)).collect();
        parts.iter().for_each(|part| total += part);
    }
    mirror_lower(total.as_mut());
    total
}

/// Bytes that [`gram`] uses at its peak.
pub(crate) fn required_bytes(dim: usize, count: usize) -> u64 {
    let blocks = count.div_ceil(BLOCK_VECTORS).min(WAVE_BLOCKS) as u64;
    let square = crate::memory::dense_bytes(dim, dim, 8);
    let block = crate::memory::dense_bytes(dim, count.min(BLOCK_VECTORS), 8);
    square.saturating_add(blocks.saturating_mul(square.saturating_add(block)))
}

/// Adds Σ x xᵀ of the columns of `vectors` to the lower triangle of `system`.
pub(crate) fn add_outer<T: RealField>(system: MatMut<'_, T>, vectors: MatRef<'_, T>) {
    triangular::matmul(
        system,
        BlockStructure::TriangularLower,
        Accum::Add,
        vectors,
        BlockStructure::Rectangular,
        vectors.transpose(),
        BlockStructure::Rectangular,
        T::one_impl(),
        Par::Seq,
    );
}

fn partial<L>(dim: usize, count: usize, block: usize, load: &L) -> Mat<f64>
where
    L: Fn(Range<usize>, MatMut<'_, f64>) + Sync,
{
    let first = block * BLOCK_VECTORS;
    let range = first..count.min(first + BLOCK_VECTORS);
    let mut vectors = Mat::zeros(dim, range.len());
    load(range, vectors.as_mut());
    let mut part = Mat::zeros(dim, dim);
    add_outer(part.as_mut(), vectors.as_ref());
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "sums of small whole numbers are exact in any order")]
    fn equals_the_plain_sum_across_blocks() {
        let value = |row: usize, vector: usize| ((row * 7 + vector * 3) % 11) as f64;
        let count = 9 * BLOCK_VECTORS + 5;
        let fast = gram(3, count, |range, mut block| {
            for (column, vector) in range.enumerate() {
                (0..3).for_each(|row| block[(row, column)] = value(row, vector));
            }
        });
        for (row, column) in [(0, 0), (2, 1), (1, 2)] {
            let plain: f64 = (0..count).map(|vector| value(row, vector) * value(column, vector)).sum();
            assert_eq!(fast[(row, column)], plain);
        }
    }
}
