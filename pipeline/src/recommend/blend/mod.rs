//! One model of several: their scores on one scale, weighted by what members took up afterwards.
//!
//! ```text
//! scores of each model ──standing──▶ features ──Σ weight × feature──▶ one score        weights: conditional logit of what was taken up
//! ```
//! Models disagree about scales, so each is seen by how its courses stand within a member: in standard deviations, and by rank. For a
//! member of whom a model knows nothing all courses stand alike, and the others decide.

mod examples;
mod fit;
mod standing;
mod weights;

use std::ops::Range;

use faer::Mat;
use hachi_solvers::Result;

use super::scorers::{Choices, Scorer};
pub use fit::{Params, fit};

use weights::Weights;

/// Fitted models and what each counts.
pub struct Blend {
    scorers: Vec<Box<dyn Scorer>>,
    weights: Weights,
}

impl Blend {
    /// Weighs `scorers`, in the order in which their weights were learned.
    pub fn new(scorers: Vec<Box<dyn Scorer>>, weights: Weights) -> Self {
        Self { scorers, weights }
    }
}

impl Scorer for Blend {
    fn score_block(&self, histories: &Choices, rows: Range<usize>) -> Result<Mat<f32>> {
        let mut blended = Mat::zeros(histories.positives.columns(), rows.len());
        for (model, scorer) in self.scorers.iter().enumerate() {
            let scores = scorer.score_block(histories, rows.clone())?;
            for place in 0..rows.len() {
                let weigh = self.weights.of(model);
                let standing = standing::standing(scores.col_as_slice(place), histories.positives.row_columns(rows.start + place));
                let sums = blended.col_as_slice_mut(place).iter_mut();
                sums.zip(&standing).for_each(|(sum, stands)| *sum += weigh.value(stands) as f32);
            }
        }
        Ok(blended)
    }
}
