//! What each model counts, learned from what members took up.

use faer::MatRef;
use hachi_solvers::{Result, logistic};

use super::Fitted;
use super::examples::Questions;
use super::search::search;
use super::standing::{FEATURES, Standing};

/// What one model counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weight {
    /// The model.
    pub model: &'static str,
    /// Per standard deviation.
    pub deviations: f64,
    /// Per unit of the log-odds of the rank.
    pub log_odds: f64,
}

impl Weight {
    /// Whether the model counts at all.
    pub(super) fn counts(&self) -> bool {
        self.deviations != 0.0 || self.log_odds != 0.0
    }

    /// What a standing adds to a score.
    pub(super) fn value(&self, standing: &Standing) -> f64 {
        self.deviations * standing.deviations + self.log_odds * standing.log_odds
    }
}

/// Weighs `models` so that the courses that members took up are the likeliest among others: McFadden's conditional logit, with a
/// penalty that lets models that say the same share their weight; then so that lists have them in front, as far as members bear it
/// out that neither saw. The same questions and seed give the same weights.
///
/// # Errors
/// Where a history does not fit a model, or the weights don't converge.
pub fn weigh(models: &[Fitted], questions: &Questions<'_>, seed: u64, memory_limit_bytes: u64) -> Result<Vec<Weight>> {
    let weights = search(models, questions, |questions| likely(models, questions, seed, memory_limit_bytes))?;
    let pairs = models.iter().zip(weights.chunks(FEATURES));
    Ok(pairs.map(|(model, pair)| Weight { model: model.name, deviations: pair[0], log_odds: pair[1] }).collect())
}

/// The weights that make what was taken up the likeliest, feature by feature.
fn likely(models: &[Fitted], questions: &Questions<'_>, seed: u64, memory_limit_bytes: u64) -> Result<Vec<f64>> {
    let examples = questions.examples(models, seed)?;
    let (rows, width) = (examples.groups.last().copied().unwrap_or(0), models.len() * FEATURES);
    let mut labels = vec![false; rows];
    examples.groups[..examples.groups.len() - 1].iter().for_each(|&first| labels[first] = true);
    let features = MatRef::from_row_major_slice(&examples.features, rows, width);
    let problem = logistic::Problem::grouped(features, &labels, &examples.groups)?;
    let params = logistic::Params { memory_limit_bytes, ..logistic::Params::default() }.check()?;
    Ok(logistic::solve(&problem, &params)?.0.weights().to_vec())
}
