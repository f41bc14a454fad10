//! What each model counts, learned from what members took up.

use hachi_solvers::Result;

use super::Fitted;
use super::pools::pools;
use super::questions::Questions;
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

/// Weighs `models` so that lists have in front what members took up, as far as members bear it out. The same questions give the same
/// weights.
///
/// # Errors
/// Where a history does not fit a model, or the weights don't converge.
pub fn weigh(models: &[Fitted], questions: &Questions<'_>, memory_limit_bytes: u64) -> Result<Vec<Weight>> {
    let pools = pools(models, questions)?;
    let weights = search(&pools, models.len() * FEATURES, memory_limit_bytes)?;
    let pairs = models.iter().zip(weights.chunks(FEATURES));
    Ok(pairs.map(|(model, pair)| Weight { model: model.name, deviations: pair[0], log_odds: pair[1] }).collect())
}
