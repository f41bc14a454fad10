//! Fits a model that was named. What it is fitted to is cut by whoever asks.

use hachi_solvers::{Error, als, ease, ials, neighbors, svd};

use super::models::Popular;
use super::{Choices, ModelSpec, Scorer, Training};
use crate::recommend::{LearnError, blend};

impl ModelSpec {
    /// Fits the model on all cores.
    ///
    /// # Errors
    /// [`LearnError::NoRatings`] where a model of ratings is given none, [`LearnError::Model`] for what the solver refuses.
    pub fn fit(&self, training: &Training) -> Result<Box<dyn Scorer>, LearnError> {
        if self.needs_ratings() && training.choices.ratings.is_none() {
            return Err(LearnError::NoRatings { model: self.name() });
        }
        if let Self::Blend(params) = self {
            return Ok(Box::new(blend::fit(training, params)?));
        }
        self.solve(training).map_err(|source| LearnError::Model { model: self.name(), source })
    }

    fn solve(&self, training: &Training) -> hachi_solvers::Result<Box<dyn Scorer>> {
        let Choices { positives, ratings } = &training.choices;
        Ok(match *self {
            Self::Popular => Box::new(Popular(training.popularity.clone())),
            Self::Ease(params) => Box::new(ease::solve(ease::Problem::from_positives(positives)?, &params.check()?)?.0),
            Self::Ials(params) => Box::new(ials::solve(&ials::Problem::new(positives.clone())?, &params.check()?, &|_| ())?.0),
            Self::Als(params) => {
                let ratings = ratings.as_ref().unwrap_or(positives).clone();
                Box::new(als::solve(&als::Problem::new(ratings)?, &params.check()?, &|_| ())?.0)
            }
            Self::Svd(params) => Box::new(svd::solve(&svd::Problem::new(positives.clone())?, &params.check()?)?.0),
            Self::Blend(_) => return Err(Error::Empty { what: "models of a model" }),
            Self::Neighbors(params) => Box::new(neighbors::solve(&neighbors::Problem::new(positives.clone())?, &params.check()?)?.0),
        })
    }
}
