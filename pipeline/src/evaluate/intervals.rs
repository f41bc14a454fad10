//! Metrics with intervals, of one model or of the difference between two.

use super::bootstrap::{Estimate, draws};
use super::dataset::Dataset;
use super::error::EvaluateError;
use super::judge::Judged;
use super::lists::{coverage, list_columns};
use super::metrics::{CUTOFF_MAX, Column, LIST_LENGTH, ranking_columns, rating_columns};

/// A metric by name, such as `ndcg@10`.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// Its value.
    pub estimate: Estimate,
}

/// All metrics of a model at `cutoffs`.
///
/// # Errors
/// [`EvaluateError::Cutoff`] for a cutoff out of range.
pub fn measure(dataset: &Dataset, judged: &[Judged], cutoffs: &[usize]) -> Result<Vec<Measured>, EvaluateError> {
    let cutoffs = sorted(cutoffs)?;
    let of_lists: Vec<usize> = cutoffs.iter().copied().filter(|cutoff| *cutoff <= LIST_LENGTH).collect();
    let mut columns = ranking_columns(dataset, judged, &cutoffs);
    columns.extend(list_columns(dataset, judged, &of_lists));
    columns.extend(rating_columns(judged));
    let mut measured = estimates(&columns, judged.len());
    measured.extend(coverages(dataset, judged, &of_lists));
    Ok(measured)
}

/// The metrics of `model` less those of `other` over the same members, draw by draw: those of ranks, and of ratings where both
/// predict them.
///
/// # Errors
/// [`EvaluateError::Cutoff`] for a cutoff out of range.
pub fn paired(dataset: &Dataset, (model, other): (&[Judged], &[Judged]), cutoffs: &[usize]) -> Result<Vec<Measured>, EvaluateError> {
    let cutoffs = sorted(cutoffs)?;
    let columns = |judged| [ranking_columns(dataset, judged, &cutoffs), rating_columns(judged)].concat();
    // Columns of ratings stand last in both, or are not there.
    let pairs: Vec<(Column, Column)> = columns(model).into_iter().zip(columns(other)).collect();
    let differences = |counts: &[f64]| pairs.iter().map(|(model, other)| model.value(counts) - other.value(counts)).collect::<Vec<f64>>();
    let drawn = draws(model.len(), differences);
    let values = differences(&vec![1.0; model.len()]);
    let measured = pairs.iter().zip(values).enumerate().map(|(place, ((column, _), value))| Measured {
        name: column.name.clone(),
        estimate: Estimate::of(value, drawn.iter().map(|draw| draw[place])),
    });
    Ok(measured.collect())
}

fn sorted(cutoffs: &[usize]) -> Result<Vec<usize>, EvaluateError> {
    if let Some(&cutoff) = cutoffs.iter().find(|cutoff| !(1..=CUTOFF_MAX).contains(*cutoff)) {
        return Err(EvaluateError::Cutoff(cutoff));
    }
    let mut cutoffs = cutoffs.to_vec();
    cutoffs.sort_unstable();
    cutoffs.dedup();
    Ok(cutoffs)
}

/// A metric that no member has is left out.
fn estimates(columns: &[Column], members: usize) -> Vec<Measured> {
    let drawn = draws(members, |counts| columns.iter().map(|column| column.value(counts)).collect::<Vec<f64>>());
    let everyone = vec![1.0; members];
    let measured = columns.iter().enumerate().map(|(place, column)| {
        let estimate = Estimate::of(column.value(&everyone), drawn.iter().map(|draw| draw[place]));
        Measured { name: column.name.clone(), estimate }
    });
    measured.filter(|measured| measured.estimate.value.is_finite()).collect()
}

/// Coverage is no mean: a draw repeats members, so it covers less. Its interval is that of the draws, moved by as much as they
/// lie below the value on average, and widened to the value where few draws differ.
fn coverages(dataset: &Dataset, judged: &[Judged], cutoffs: &[usize]) -> Vec<Measured> {
    let of = |counts: &[f64]| coverage(dataset.courses(), judged, cutoffs, counts);
    let values = of(&vec![1.0; judged.len()]);
    let drawn = draws(judged.len(), of);
    let measured = cutoffs.iter().zip(values).enumerate().map(|(place, (cutoff, value))| {
        let mean = drawn.iter().map(|draw| draw[place]).sum::<f64>() / drawn.len() as f64;
        let moved = drawn.iter().map(|draw| (draw[place] + value - mean).clamp(0.0, 1.0));
        let Estimate { low, high, .. } = Estimate::of(value, moved);
        Measured { name: format!("coverage@{cutoff}"), estimate: Estimate { value, low: low.min(value), high: high.max(value) } }
    });
    measured.collect()
}
