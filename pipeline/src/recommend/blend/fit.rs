//! Fits a blend: the models to what was before, their weights to what came after, then the models again to all.

use hachi_solvers::{Csr, Error, ease, ials, neighbors, svd};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::questions::{Questions, mark};
use super::weights::{Weight, weigh};
use super::{Blend, Fitted};
use crate::recommend::LearnError;
use crate::recommend::scorers::{Choices, ModelSpec, Training, quality_of};

/// Members with fewer choices are not asked: what is left of them would say nothing.
const MIN_CHOICES: usize = 3;

/// What a blend is made of, besides what is popular.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// EASE.
    pub ease: ease::Params,
    /// iALS.
    pub ials: ials::Params,
    /// Truncated SVD.
    pub svd: svd::Params,
    /// Item–item neighbours.
    pub neighbors: neighbors::Params,
    /// Seed of what is drawn, and held out.
    pub seed: u64,
    /// No single step allocates more than this, bytes; a model that would is left out.
    pub memory_limit_bytes: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            ease: ease::Params::default(),
            ials: ials::Params::default(),
            svd: svd::Params::default(),
            neighbors: neighbors::Params::default(),
            seed: 8,
            memory_limit_bytes: 2 << 30,
        }
    }
}

impl Params {
    /// Checks the ranges of all models' parameters.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the name, the value and the range.
    pub fn check(&self) -> hachi_solvers::Result<()> {
        self.ease.check()?;
        self.ials.check()?;
        self.svd.check()?;
        self.neighbors.check().map(drop)
    }

    /// The models that are blended.
    #[must_use]
    pub fn specs(&self) -> Vec<ModelSpec> {
        let Self { ease, ials, svd, neighbors, .. } = *self;
        vec![
            ModelSpec::Popular,
            ModelSpec::Trending,
            ModelSpec::Quality,
            ModelSpec::Ease(ease),
            ModelSpec::Ials(ials),
            ModelSpec::Svd(svd),
            ModelSpec::Neighbors(neighbors),
            ModelSpec::Content,
        ]
    }
}

/// Fits all models, and weighs them by a choice of each member that is held out.
///
/// # Errors
/// As [`ModelSpec::fit`]; where no model fits.
pub fn fit(training: &Training, params: &Params) -> Result<Blend, LearnError> {
    let weights = rehearse(training, params)?;
    let models = fit_all(&params.specs(), training, params.memory_limit_bytes)?;
    Ok(Blend::new(models, &weights, training.popularity.len()))
}

/// What each model counts by a choice of each member that is held out.
///
/// # Errors
/// As [`ModelSpec::fit`]; where no member has choices enough.
pub fn rehearse(training: &Training, params: &Params) -> Result<Vec<Weight>, LearnError> {
    let failed = |source| LearnError::Model { model: "blend", source };
    let held_out = hold_out(training, params.seed).map_err(failed)?;
    let models = fit_all(&params.specs(), &held_out.training, params.memory_limit_bytes)?;
    weigh(&models, &held_out.questions(), params.memory_limit_bytes).map_err(failed)
}

/// Fits the models that what is known, and the memory, allow.
fn fit_all(specs: &[ModelSpec], training: &Training, memory_limit_bytes: u64) -> Result<Vec<Fitted>, LearnError> {
    let mut fitted = Vec::new();
    for spec in specs {
        match spec.within(memory_limit_bytes).fit(training) {
            Ok(scorer) => fitted.push(Fitted { name: spec.name(), scorer }),
            Err(LearnError::NoRatings { .. } | LearnError::NoTexts | LearnError::NoTimes) => {}
            Err(LearnError::Model { source: Error::Memory { .. }, model }) => {
                tracing::warn!(model, "left out of the blend: it would need more memory than it may");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(fitted)
}

/// Models learn from all but one choice of each member, and are asked for that one.
struct HeldOut {
    training: Training,
    /// What was taken away, a row for each member.
    targets: Csr,
}

impl HeldOut {
    fn questions(&self) -> Questions<'_> {
        Questions {
            histories: &self.training.choices,
            owned: &self.training.choices.positives,
            targets: (0..self.targets.rows()).map(|row| self.targets.row_columns(row)).collect(),
        }
    }
}

/// Takes one choice of each member away, drawn by `seed` and the choices: what is left is learned from, what was taken is asked for.
fn hold_out(training: &Training, seed: u64) -> hachi_solvers::Result<HeldOut> {
    let positives = &training.choices.positives;
    let taken: Vec<Option<u32>> = (0..positives.rows())
        .map(|row| {
            let courses = positives.row_columns(row);
            let place = ChaCha8Rng::seed_from_u64(seed ^ mark(courses.iter())).random_range(0..courses.len().max(1));
            courses.get(place).copied().filter(|_| courses.len() >= MIN_CHOICES)
        })
        .collect();
    let without = |matrix: &Csr| {
        let kept = |row: usize| matrix.row(row).filter(|(course, _)| taken[row] != Some(*course)).collect();
        Csr::from_rows(matrix.columns(), &(0..matrix.rows()).map(kept).collect::<Vec<Vec<(u32, f64)>>>())
    };
    let choices = Choices { positives: without(positives)?, ratings: training.choices.ratings.as_ref().map(without).transpose()? };
    let targets = taken.iter().map(|course| course.iter().map(|&course| (course, 1.0)).collect()).collect::<Vec<_>>();
    let faded = |popularity: &Vec<f64>| popularity_without(popularity, positives, &choices.positives);
    let (popularity, trending) = (faded(&training.popularity), training.trending.as_ref().map(faded));
    let quality = choices.ratings.as_ref().map_or_else(|| training.quality.clone(), quality_of);
    let recency = training.recency.as_ref().map(without).transpose()?;
    let training = Training { choices, popularity, trending, recency, quality, content: training.content.clone() };
    Ok(HeldOut { training, targets: Csr::from_rows(positives.columns(), &targets)? })
}

/// The popularity of courses less the part of the members who were taken away: what is asked for must not be told.
fn popularity_without(popularity: &[f64], all: &Csr, left: &Csr) -> Vec<f64> {
    let members = |matrix: &Csr| {
        let mut members = vec![0_u32; matrix.columns()];
        (0..matrix.rows()).flat_map(|row| matrix.row_columns(row)).for_each(|&course| members[course as usize] += 1);
        members
    };
    let part = |(all, left): (u32, u32)| f64::from(left) / f64::from(all.max(1));
    popularity.iter().zip(members(all).into_iter().zip(members(left))).map(|(popular, counts)| popular * part(counts)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_out_is_nowhere_in_what_is_learned_from() {
        let one = |course: u32| (course, 1.0);
        let rows = [vec![one(0), one(1), one(2)], vec![one(0), one(1)], vec![one(0), one(2), one(3)]];
        let positives = Csr::from_rows(4, &rows).unwrap();
        let choices = Choices { positives, ratings: None };
        let training =
            Training { choices, popularity: vec![3.0, 2.0, 2.0, 1.0], trending: None, recency: None, quality: None, content: None };
        let held = hold_out(&training, 8).unwrap();
        assert_eq!([0, 1, 2].map(|row| held.targets.row_columns(row).len()), [1, 0, 1]);
        let mut members = vec![0.0; 4];
        for row in 0..3 {
            held.training.choices.positives.row_columns(row).iter().for_each(|&course| members[course as usize] += 1.0);
            let target = held.targets.row_columns(row);
            assert!(target.iter().all(|course| held.training.choices.positives.row_columns(row).binary_search(course).is_err()));
        }
        assert_eq!(held.training.popularity, members);
    }
}
