//! Loops over vectors, in forms that the compiler turns into vector instructions. What is summed belongs to the callers.

use std::ops::{AddAssign, Mul};

/// Partial sums of a product. A sum of floats may not be reordered, so that one sum alone would be added value by value.
const LANES: usize = 16;

/// The product of two vectors of equal length.
pub(crate) fn dot<T: Copy + Default + AddAssign + Mul<Output = T>>(left: &[T], right: &[T]) -> T {
    let ((lefts, left_rest), (rights, right_rest)) = (left.as_chunks::<LANES>(), right.as_chunks::<LANES>());
    let mut sums = [T::default(); LANES];
    for (left, right) in lefts.iter().zip(rights) {
        for lane in 0..LANES {
            sums[lane] += left[lane] * right[lane];
        }
    }
    let mut total = add_lanes(sums);
    left_rest.iter().zip(right_rest).for_each(|(left, right)| total += *left * *right);
    total
}

/// Adds halves to each other, which are vectors again, down to one value.
fn add_lanes<T: Copy + AddAssign>(mut sums: [T; LANES]) -> T {
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            let other = sums[lane + width];
            sums[lane] += other;
        }
    }
    sums[0]
}

/// Adds `vector` to `sum`, of equal length.
pub(crate) fn add(sum: &mut [f32], vector: &[f32]) {
    sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
}

/// Adds `weight` · `vector` to `sum`, of equal length.
pub(crate) fn add_scaled(sum: &mut [f64], vector: &[f64], weight: f64) {
    sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += weight * value);
}

/// Adds Σ v vᵀ of four vectors to the lower triangle of `system` (rows as long as a vector). Four at once, because the system's values
/// are then read and written a quarter as often.
pub(crate) fn add_outer(system: &mut [f64], [a, b, c, d]: [&[f64]; 4]) {
    for (index, row) in system.chunks_exact_mut(a.len()).enumerate() {
        let values = row[..=index].iter_mut().zip(a).zip(b).zip(c).zip(d);
        let weights = [a[index], b[index], c[index], d[index]];
        for ((((sum, a), b), c), d) in values {
            *sum += weights[0] * a + weights[1] * b + (weights[2] * c + weights[3] * d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(len: usize, step: usize) -> Vec<f64> {
        (0..len).map(|index| ((index * step) % 7) as f64 - 3.0).collect()
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "sums of small whole numbers are exact in any order")]
    fn products_equal_the_plain_sum_at_any_length() {
        for len in [0, 1, LANES - 1, LANES, LANES + 1, 5 * LANES + 3] {
            let (left, right) = (values(len, 3), values(len, 5));
            assert_eq!(dot(&left, &right), left.iter().zip(&right).map(|(left, right)| left * right).sum::<f64>());
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "sums of small whole numbers are exact in any order")]
    fn outer_products_fill_the_lower_triangle_alone() {
        let dim = 9;
        let vectors = [1, 2, 3, 4].map(|step| values(dim, step));
        let mut system = vec![1.0; dim * dim];
        add_outer(&mut system, [&vectors[0], &vectors[1], &vectors[2], &vectors[3]]);
        for (place, found) in system.iter().enumerate() {
            let (row, column) = (place / dim, place % dim);
            let sum: f64 = vectors.iter().map(|vector| vector[row] * vector[column]).sum();
            assert_eq!(*found, if column <= row { 1.0 + sum } else { 1.0 });
        }
    }
}
