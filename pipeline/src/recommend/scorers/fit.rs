//! Fits a model that was named. What it is fitted to is cut by whoever asks.

use std::sync::Arc;

use hachi_solvers::{Error, als, ease, ials, neighbors, svd};

use super::models::Same;
use super::{Choices, ModelSpec, Scorer, Training};
use crate::frames::Gram;
use crate::recommend::{LearnError, blend};

impl ModelSpec {
    /// Fits the model on all cores.
    ///
    /// # Errors
    /// [`LearnError::NoRatings`] where a model of ratings is given none, [`LearnError::NoTimes`] for `trending` without times, [`LearnError::NoTexts`] for `content` without texts, [`LearnError::Model`] for what the solver refuses.
    pub fn fit(&self, training: &Training) -> Result<Box<dyn Scorer>, LearnError> {
        match self {
            Self::Als(_) if training.choices.ratings.as_ref().is_none_or(|ratings| ratings.entries() == 0) => {
                Err(LearnError::NoRatings { model: self.name() })
            }
            Self::Trending => match &training.trending {
                Some(trending) => Ok(Box::new(Same::popular(trending))),
                None => Err(LearnError::NoTimes),
            },
            Self::Quality => match &training.quality {
                Some(quality) => Ok(Box::new(Same(quality.clone()))),
                None => Err(LearnError::NoRatings { model: self.name() }),
            },
            Self::Content => match &training.content {
                Some(content) => Ok(Box::new(Arc::clone(content))),
                None => Err(LearnError::NoTexts),
            },
            Self::Blend(params) => Ok(Box::new(blend::fit(training, params)?)),
            _ => self.solve(training).map_err(|source| LearnError::Model { model: self.name(), source }),
        }
    }

    fn solve(&self, training: &Training) -> hachi_solvers::Result<Box<dyn Scorer>> {
        let Choices { positives, ratings } = &training.choices;
        Ok(match *self {
            Self::Popular => Box::new(Same::popular(&training.popularity)),
            Self::Ease(params) => Box::new(fit_ease(training, params)?),
            Self::Ials(params) => Box::new(ials::solve(&ials::Problem::new(positives.clone())?, &params.check()?, &|_| ())?.0),
            Self::Als(params) => {
                let ratings = ratings.as_ref().unwrap_or(positives).clone();
                Box::new(als::solve(&als::Problem::new(ratings)?, &params.check()?, &|_| ())?.0)
            }
            Self::Svd(params) => Box::new(svd::solve(&svd::Problem::new(positives.clone())?, &params.check()?)?.0),
            Self::Trending | Self::Quality | Self::Content | Self::Blend(_) => {
                return Err(Error::Empty { what: "equations of a model that has none" });
            }
            Self::Neighbors(params) => Box::new(neighbors::solve(&neighbors::Problem::new(positives.clone())?, &params.check()?)?.0),
        })
    }
}

/// EASE, towards what is taken now where times are known.
fn fit_ease(training: &Training, params: ease::Params) -> hachi_solvers::Result<ease::Model> {
    let (positives, params) = (&training.choices.positives, params.check()?);
    let (model, _) = ease::solve(ease::Problem::from_positives(positives)?, &params)?;
    match &training.recency {
        Some(recency) => model.towards((positives, recency), &params),
        None => Ok(model),
    }
}

/// The same, of the choices of `training` or of sums over them that were made elsewhere.
pub(in crate::recommend) fn fit_ease_of(training: &Training, gram: Option<Gram>, params: ease::Params) -> Result<ease::Model, LearnError> {
    let failed = |source| LearnError::Model { model: "ease", source };
    let Some(Gram { members, recency }) = gram else { return fit_ease(training, params).map_err(failed) };
    let positives = &training.choices.positives;
    let mut counts = vec![0.0; positives.columns()];
    (0..positives.rows()).flat_map(|row| positives.row_columns(row)).for_each(|&course| counts[course as usize] += 1.0);
    // Sums over other members would give weights that nothing explains.
    if let Some(course) = (0..counts.len()).find(|&course| (members[(course, course)] - counts[course]).abs() >= 0.5) {
        return Err(LearnError::Gram { found: members[(course, course)], expected: counts[course], course });
    }
    let solve = || {
        let params = params.check()?;
        ease::solve(ease::Problem::from_gram(members)?, &params)?.0.towards_product(recency, &params)
    };
    solve().map_err(failed)
}
