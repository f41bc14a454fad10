//! Loops over single-precision vectors, written once for every width of the machine's registers. What is summed belongs to the callers.
//!
//! A value's additions happen in one order whatever the number of threads, so that a machine gives the same bits at every run.
#![expect(clippy::inline_always, reason = "what is called inside a loop must be compiled for the same registers as the loop")]

use faer::{MatMut, MatRef};
use pulp::{Arch, Simd, WithSimd};

/// Systems and vectors are padded to a multiple of this: the widest register, in values.
pub(crate) const PADDING: usize = 16;
/// Values of a column that are summed over all histories before the next ones: so many of each row stay in the core's cache.
const TILE: usize = 256;
/// Registers of sums at once in [`add_weighted`].
const SUMS: usize = 4;

/// Adds Σ weight · `columns`[index] to each column of `sums`, for the (index, weight) pairs of its list.
///
/// `columns` and `sums` have equally many rows, `sums` one column per list, and both contiguous columns.
pub(crate) fn add_weighted(columns: MatRef<'_, f32>, lists: &[Vec<(u32, f32)>], mut sums: MatMut<'_, f32>) {
    let arch = Arch::new();
    for first in (0..columns.nrows()).step_by(TILE) {
        let tile = columns.subrows(first, TILE.min(columns.nrows() - first));
        for (list, sum) in lists.iter().zip(sums.as_mut().subrows_mut(first, tile.nrows()).col_iter_mut()) {
            if let Some(sum) = sum.try_as_col_major_mut() {
                arch.dispatch(AddWeighted { columns: tile, list, sum: sum.as_slice_mut() });
            }
        }
    }
}

/// Adds Σ weight · vector to `sum`, for vectors as long as `sum` side by side.
///
/// The length is a multiple of [`PADDING`].
pub(crate) fn add_vectors(sum: &mut [f32], vectors: &[f32], weights: &[f32]) {
    Arch::new().dispatch(AddVectors { sum, vectors, weights });
}

/// Adds Σ v vᵀ to the lower triangle of `system` (`dim` × `dim` by columns), for vectors of `dim` values side by side. What lies above
/// the diagonal is lost.
///
/// `dim` is a multiple of [`PADDING`].
pub(crate) fn add_outer(system: &mut [f32], vectors: &[f32], dim: usize) {
    Arch::new().dispatch(AddOuter { system, vectors, dim });
}

/// Replaces the lower triangle of `system` by L, where system = L Lᵀ, and `inverse_pivots` by 1 / Lᵢᵢ, until a squared pivot is at most
/// `rounding` times its diagonal element; that one is the error.
pub(crate) fn cholesky(system: &mut [f32], inverse_pivots: &mut [f32], rounding: f32) -> Result<(), usize> {
    let diagonal = inverse_pivots;
    let dim = diagonal.len();
    (0..dim).for_each(|index| diagonal[index] = system[index * dim + index]);
    Arch::new().dispatch(Cholesky { system, pivots: diagonal, rounding })
}

/// Replaces b by the x with L Lᵀ x = b.
pub(crate) fn solve(factor: &[f32], inverse_pivots: &[f32], rhs: &mut [f32]) {
    Arch::new().dispatch(Substitute { factor, inverse_pivots, rhs });
}

/// The product of two vectors.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f32 {
    Arch::new().dispatch(Dot { left, right })
}

/// Adds `weight` · `vector` to `sum`.
pub(crate) fn add_scaled(sum: &mut [f32], vector: &[f32], weight: f32) {
    Arch::new().dispatch(AddScaled { sum, vector, weight });
}

struct AddWeighted<'a> {
    columns: MatRef<'a, f32>,
    list: &'a [(u32, f32)],
    sum: &'a mut [f32],
}

impl AddWeighted<'_> {
    /// Sums `R` registers of rows from `first`.
    #[inline(always)]
    fn rows<S: Simd, const R: usize>(&mut self, simd: S, first: usize) {
        let range = first..first + R * S::F32_LANES;
        let mut sums = [simd.splat_f32s(0.0); R];
        for &(index, weight) in self.list {
            let Some(column) = self.columns.col(index as usize).try_as_col_major() else { return };
            let weight = simd.splat_f32s(weight);
            let (values, _) = S::as_simd_f32s(&column.as_slice()[range.clone()]);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = simd.mul_add_f32s(*value, weight, *sum);
            }
        }
        let (target, _) = S::as_mut_simd_f32s(&mut self.sum[range]);
        for (value, sum) in target.iter_mut().zip(sums) {
            *value = simd.add_f32s(*value, sum);
        }
    }

    fn rest(&mut self, first: usize) {
        for row in first..self.sum.len() {
            self.sum[row] =
                self.list.iter().fold(self.sum[row], |sum, &(index, weight)| sum + weight * self.columns[(row, index as usize)]);
        }
    }
}

impl WithSimd for AddWeighted<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (len, lanes) = (self.sum.len(), S::F32_LANES);
        let mut first = 0;
        while first + SUMS * lanes <= len {
            self.rows::<S, SUMS>(simd, first);
            first += SUMS * lanes;
        }
        while first + lanes <= len {
            self.rows::<S, 1>(simd, first);
            first += lanes;
        }
        self.rest(first);
    }
}

struct AddVectors<'a> {
    sum: &'a mut [f32],
    vectors: &'a [f32],
    weights: &'a [f32],
}

impl AddVectors<'_> {
    /// Sums `R` registers from `first`.
    #[inline(always)]
    fn rows<S: Simd, const R: usize>(&mut self, simd: S, first: usize) {
        let range = first..first + R * S::F32_LANES;
        let mut sums = [simd.splat_f32s(0.0); R];
        for (vector, weight) in self.vectors.chunks_exact(self.sum.len()).zip(self.weights) {
            let weight = simd.splat_f32s(*weight);
            let (values, _) = S::as_simd_f32s(&vector[range.clone()]);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = simd.mul_add_f32s(*value, weight, *sum);
            }
        }
        let (target, _) = S::as_mut_simd_f32s(&mut self.sum[range]);
        for (value, sum) in target.iter_mut().zip(sums) {
            *value = simd.add_f32s(*value, sum);
        }
    }
}

impl WithSimd for AddVectors<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (len, lanes) = (self.sum.len(), S::F32_LANES);
        let mut first = 0;
        while first + SUMS * lanes <= len {
            self.rows::<S, SUMS>(simd, first);
            first += SUMS * lanes;
        }
        while first + lanes <= len {
            self.rows::<S, 1>(simd, first);
            first += lanes;
        }
    }
}

struct AddOuter<'a> {
    system: &'a mut [f32],
    vectors: &'a [f32],
    dim: usize,
}

impl WithSimd for AddOuter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { system, vectors, dim } = self;
        if S::REGISTER_COUNT >= 32 {
            system
                .chunks_exact_mut(8 * dim)
                .enumerate()
                .for_each(|(at, columns)| Panel::<8> { columns, first: 8 * at, dim }.add(simd, vectors, 1.0));
        } else {
            system
                .chunks_exact_mut(4 * dim)
                .enumerate()
                .for_each(|(at, columns)| Panel::<4> { columns, first: 4 * at, dim }.add(simd, vectors, 1.0));
        }
    }
}

/// `C` neighbouring columns of a system, from column `first`.
struct Panel<'a, const C: usize> {
    columns: &'a mut [f32],
    first: usize,
    dim: usize,
}

impl<const C: usize> Panel<'_, C> {
    /// Adds sign · Σ v vᵀ to the rows from the diagonal on.
    #[inline(always)]
    fn add<S: Simd>(&mut self, simd: S, vectors: &[f32], sign: f32) {
        let mut row = self.first / S::F32_LANES * S::F32_LANES;
        while row < self.dim {
            let registers = ((self.dim - row) / S::F32_LANES).min(3);
            match registers {
                3 => self.tile::<S, 3>(simd, vectors, row, sign),
                2 => self.tile::<S, 2>(simd, vectors, row, sign),
                _ => self.tile::<S, 1>(simd, vectors, row, sign),
            }
            row += registers * S::F32_LANES;
        }
    }

    /// `R` registers of rows by `C` columns: the sums stay in registers over all vectors.
    #[inline(always)]
    fn tile<S: Simd, const R: usize>(&mut self, simd: S, vectors: &[f32], row: usize, sign: f32) {
        let mut sums = [[simd.splat_f32s(0.0); R]; C];
        for vector in vectors.chunks_exact(self.dim) {
            let (rows, _) = S::as_simd_f32s(&vector[row..row + R * S::F32_LANES]);
            let columns = &vector[self.first..self.first + C];
            for column in 0..C {
                let value = simd.splat_f32s(columns[column]);
                for register in 0..R {
                    sums[column][register] = simd.mul_add_f32s(rows[register], value, sums[column][register]);
                }
            }
        }
        let sign = simd.splat_f32s(sign);
        for (column, sums) in self.columns.chunks_exact_mut(self.dim).zip(sums) {
            let (target, _) = S::as_mut_simd_f32s(&mut column[row..row + R * S::F32_LANES]);
            for (value, sum) in target.iter_mut().zip(sums) {
                *value = simd.mul_add_f32s(sum, sign, *value);
            }
        }
    }

    /// Cholesky of a panel from which all columns before it were taken.
    #[inline(always)]
    fn factorise<S: Simd>(&mut self, simd: S, pivots: &mut [f32], rounding: f32) -> Result<(), usize> {
        let start = self.first / S::F32_LANES * S::F32_LANES;
        for column in 0..C {
            let index = self.first + column;
            let (done, rest) = self.columns.split_at_mut((column + 1) * self.dim);
            let current = &mut done[column * self.dim..];
            let squared = current[index];
            if squared.is_nan() || squared <= pivots[index] * rounding {
                return Err(index);
            }
            let inverse = 1.0 / squared.sqrt();
            pivots[index] = inverse;
            scale(simd, &mut current[start..], inverse);
            for (offset, next) in rest.chunks_exact_mut(self.dim).enumerate() {
                let weight = -current[index + 1 + offset];
                axpy(simd, &mut next[start..], &current[start..], weight);
            }
        }
        Ok(())
    }
}

struct Cholesky<'a> {
    system: &'a mut [f32],
    /// The diagonal of the system; its inverse pivots as they become known.
    pivots: &'a mut [f32],
    rounding: f32,
}

impl Cholesky<'_> {
    #[inline(always)]
    fn by_panels<S: Simd, const C: usize>(self, simd: S) -> Result<(), usize> {
        let dim = self.pivots.len();
        for first in (0..dim).step_by(C) {
            let (done, rest) = self.system.split_at_mut(first * dim);
            let mut panel = Panel::<C> { columns: &mut rest[..C * dim], first, dim };
            panel.add(simd, done, -1.0);
            panel.factorise(simd, self.pivots, self.rounding)?;
        }
        Ok(())
    }
}

impl WithSimd for Cholesky<'_> {
    type Output = Result<(), usize>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        if S::REGISTER_COUNT >= 32 { self.by_panels::<S, 8>(simd) } else { self.by_panels::<S, 4>(simd) }
    }
}

struct Substitute<'a> {
    factor: &'a [f32],
    inverse_pivots: &'a [f32],
    rhs: &'a mut [f32],
}

impl WithSimd for Substitute<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { factor, inverse_pivots, rhs } = self;
        let (dim, lanes) = (rhs.len(), S::F32_LANES);
        for (index, column) in factor.chunks_exact(dim).enumerate() {
            let value = rhs[index] * inverse_pivots[index];
            // From the register of the diagonal on: what this spoils lies before it, and is set afterwards.
            let start = index / lanes * lanes;
            let kept = &mut [0.0; PADDING][..index - start];
            kept.copy_from_slice(&rhs[start..index]);
            axpy(simd, &mut rhs[start..], &column[start..], -value);
            rhs[start..index].copy_from_slice(kept);
            rhs[index] = value;
        }
        for (index, column) in factor.chunks_exact(dim).enumerate().rev() {
            let next = (index + 1).next_multiple_of(lanes).min(dim);
            let near: f32 = (index + 1..next).map(|row| column[row] * rhs[row]).sum();
            let far = product(simd, &column[next..], &rhs[next..]);
            rhs[index] = (rhs[index] - near - far) * inverse_pivots[index];
        }
    }
}

struct AddScaled<'a> {
    sum: &'a mut [f32],
    vector: &'a [f32],
    weight: f32,
}

impl WithSimd for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        axpy(simd, self.sum, self.vector, self.weight);
    }
}

struct Dot<'a> {
    left: &'a [f32],
    right: &'a [f32],
}

impl WithSimd for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        product(simd, self.left, self.right)
    }
}

#[inline(always)]
fn scale<S: Simd>(simd: S, values: &mut [f32], factor: f32) {
    let (head, tail) = S::as_mut_simd_f32s(values);
    let wide = simd.splat_f32s(factor);
    head.iter_mut().for_each(|value| *value = simd.mul_f32s(*value, wide));
    tail.iter_mut().for_each(|value| *value *= factor);
}

#[inline(always)]
fn axpy<S: Simd>(simd: S, sum: &mut [f32], vector: &[f32], weight: f32) {
    let ((head, tail), (others, rest)) = (S::as_mut_simd_f32s(sum), S::as_simd_f32s(vector));
    let wide = simd.splat_f32s(weight);
    head.iter_mut().zip(others).for_each(|(sum, value)| *sum = simd.mul_add_f32s(*value, wide, *sum));
    tail.iter_mut().zip(rest).for_each(|(sum, value)| *sum += value * weight);
}

#[inline(always)]
fn product<S: Simd>(simd: S, left: &[f32], right: &[f32]) -> f32 {
    let ((head, tail), (others, rest)) = (S::as_simd_f32s(left), S::as_simd_f32s(right));
    let wide = head.iter().zip(others).fold(simd.splat_f32s(0.0), |sum, (a, b)| simd.mul_add_f32s(*a, *b, sum));
    simd.reduce_sum_f32s(wide) + tail.iter().zip(rest).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    fn value(row: usize, column: usize) -> f32 {
        ((row * 31 + column * 17) % 23) as f32 / 23.0 - 0.4
    }

    #[test]
    fn weighted_columns_equal_the_plain_sum_at_any_length() {
        for rows in [1, 15, 16, 17, 64, 255, 256, 257, 700] {
            let columns = Mat::from_fn(rows, 5, value);
            let lists = [vec![(0, 1.0), (3, -2.0), (4, 0.5)], vec![]];
            let mut sums = Mat::full(rows, 2, 1.0);
            add_weighted(columns.as_ref(), &lists, sums.as_mut());
            for row in 0..rows {
                let expected = 1.0 + value(row, 0) - 2.0 * value(row, 3) + 0.5 * value(row, 4);
                assert!((sums[(row, 0)] - expected).abs() < 1e-6 && (sums[(row, 1)] - 1.0).abs() < 1e-9);
            }
        }
    }

    fn system(dim: usize, count: usize) -> (Vec<f32>, Vec<f32>) {
        let vectors: Vec<f32> = (0..count * dim).map(|index| value(index % dim, index / dim)).collect();
        let mut system = vec![0.0; dim * dim];
        (0..dim).for_each(|index| system[index * dim + index] = 2.0);
        add_outer(&mut system, &vectors, dim);
        (system, vectors)
    }

    #[test]
    fn outer_products_equal_the_plain_sum() {
        for dim in [16, 32, 48, 64, 112] {
            let (found, vectors) = system(dim, 9);
            for column in 0..dim {
                for row in column..dim {
                    let plain: f32 = vectors.chunks(dim).map(|vector| vector[row] * vector[column]).sum();
                    let expected = if row == column { plain + 2.0 } else { plain };
                    assert!((found[column * dim + row] - expected).abs() < 1e-5, "{dim}: {row}, {column}");
                }
            }
        }
    }

    #[test]
    fn solves_what_it_factorises() {
        for dim in [16, 32, 48, 64, 112] {
            let (mut factor, vectors) = system(dim, 9);
            let truth: Vec<f32> = (0..dim).map(|index| value(index, 3)).collect();
            let mut rhs: Vec<f32> = truth.iter().map(|value| 2.0 * value).collect();
            let along = |vector: &[f32]| vector.iter().zip(&truth).map(|(a, b)| a * b).sum();
            let weights: Vec<f32> = vectors.chunks(dim).map(along).collect();
            add_vectors(&mut rhs, &vectors, &weights);
            let mut pivots = vec![0.0; dim];
            cholesky(&mut factor, &mut pivots, 1e-6).unwrap();
            solve(&factor, &pivots, &mut rhs);
            rhs.iter().zip(&truth).for_each(|(found, expected)| assert!((found - expected).abs() < 1e-5, "{dim}: {found}"));
        }
    }

    #[test]
    fn names_the_pivot_that_is_not_positive() {
        let (mut factor, mut pivots) = (system(32, 3).0, vec![0.0; 32]);
        factor[20 * 32 + 20] = f32::NAN;
        assert_eq!(cholesky(&mut factor, &mut pivots, 1e-6), Err(20));
    }
}
