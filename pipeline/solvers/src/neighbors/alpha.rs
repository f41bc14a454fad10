//! Weighted user neighbours: α from similarities, and the prediction that it makes. Whose neighbours they are belongs to the caller.

use crate::error::{Error, Result};
use crate::sparse::Csr;

/// α of each neighbour: its similarity as a share of their sum. Those below zero count as zero; where none is above it, all α are zero.
///
/// # Errors
/// [`Error::NotFinite`] for a similarity that is NaN or infinite.
pub fn alphas(similarities: &[f64]) -> Result<Vec<f64>> {
    if let Some((column, &value)) = similarities.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(Error::NotFinite { matrix: "similarities", row: 0, column, value });
    }
    // Divided by the largest first, so that the sum stays finite.
    let largest = similarities.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Ok(vec![0.0; similarities.len()]);
    }
    let shares: Vec<f64> = similarities.iter().map(|value| value.max(0.0) / largest).collect();
    let sum: f64 = shares.iter().sum();
    Ok(shares.into_iter().map(|share| share / sum).collect())
}

/// Σ α_k A_k over the rows of `affinities` (users × courses) that `neighbours` names, one value per course.
///
/// # Errors
/// [`Error::Length`] if there are not as many α as neighbours, or a neighbour is no row.
pub fn predict(alphas: &[f64], neighbours: &[u32], affinities: &Csr) -> Result<Vec<f64>> {
    if alphas.len() != neighbours.len() {
        return Err(Error::Length { what: "alphas", found: alphas.len(), expected: neighbours.len() });
    }
    let mut prediction = vec![0.0; affinities.columns()];
    for (alpha, &neighbour) in alphas.iter().zip(neighbours) {
        if neighbour as usize >= affinities.rows() {
            return Err(Error::Length { what: "affinities", found: affinities.rows(), expected: neighbour as usize + 1 });
        }
        affinities.row(neighbour as usize).for_each(|(course, value)| prediction[course as usize] += alpha * value);
    }
    Ok(prediction)
}
