//! Uses fitted weights on rows of features.

use super::sums::{dot, probability};
use crate::error::{Error, Result};

/// Fitted weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) weights: Vec<f64>,
    pub(super) intercept: f64,
}

impl Model {
    /// One weight per feature.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// b; 0 for a fit in groups.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// The log-odds x w + b of a row. What each feature adds is its value times its weight.
    ///
    /// # Errors
    /// [`Error::Length`] for another number of features.
    pub fn score(&self, features: &[f64]) -> Result<f64> {
        if features.len() != self.weights.len() {
            return Err(Error::Length { what: "features", found: features.len(), expected: self.weights.len() });
        }
        Ok(dot(features, &self.weights) + self.intercept)
    }

    /// The probability of a true label, 0 to 1.
    ///
    /// # Errors
    /// As [`Model::score`].
    pub fn probability(&self, features: &[f64]) -> Result<f64> {
        self.score(features).map(probability)
    }
}
