//! Loops over vectors, in forms that the compiler turns into vector instructions. What is summed belongs to the callers.

/// Adds `vector` to `sum`, of equal length.
pub(crate) fn add(sum: &mut [f32], vector: &[f32]) {
    sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
}
