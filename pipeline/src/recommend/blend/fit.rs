//! Fits a blend: the models to what was before, their weights to what came after, then the models again to all.

use hachi_solvers::{Csr, Error, ease, ials, neighbors, svd};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Blend;
use super::examples::Questions;
use super::weights::learn;
use crate::recommend::LearnError;
use crate::recommend::scorers::{Choices, ModelSpec, Rehearsal, Scorer, Training};

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

    fn specs(&self) -> [ModelSpec; 5] {
        let Self { ease, ials, svd, neighbors, .. } = *self;
        [ModelSpec::Popular, ModelSpec::Ease(ease), ModelSpec::Ials(ials), ModelSpec::Svd(svd), ModelSpec::Neighbors(neighbors)]
    }
}

/// Fits all models and weighs them by the rehearsal of `training`; without one, by a choice of each member that is held out.
///
/// # Errors
/// As [`ModelSpec::fit`]; where no model fits.
pub fn fit(training: &Training, params: &Params) -> Result<Blend, LearnError> {
    let failed = |source| LearnError::Model { model: "blend", source };
    let held_out;
    let rehearsal = if let Some(rehearsal) = &training.rehearsal {
        rehearsal.as_ref()
    } else {
        held_out = hold_out(training, params.seed).map_err(failed)?;
        &held_out
    };
    let (fitting, scorers) = fit_all(&params.specs(), &rehearsal.training, params)?;
    let questions = Questions {
        histories: &rehearsal.histories,
        owned: &rehearsal.owned,
        targets: (0..rehearsal.targets.rows()).map(|row| rehearsal.targets.row_columns(row)).collect(),
    };
    let weights = learn(&scorers, &questions, params.seed, params.memory_limit_bytes).map_err(failed)?;
    drop(scorers);
    let (still, scorers) = fit_all(&fitting, training, params)?;
    if still.len() < fitting.len() {
        return Err(failed(Error::Empty { what: "models that fit into memory both times" }));
    }
    Ok(Blend::new(scorers, weights))
}

type Fitted = (Vec<ModelSpec>, Vec<Box<dyn Scorer>>);

/// The models that the memory has room for.
fn fit_all(specs: &[ModelSpec], training: &Training, params: &Params) -> Result<Fitted, LearnError> {
    let mut fitted: Fitted = (Vec::new(), Vec::new());
    for spec in specs {
        match spec.within(params.memory_limit_bytes).fit(training) {
            Ok(scorer) => {
                fitted.0.push(*spec);
                fitted.1.push(scorer);
            }
            Err(LearnError::Model { source: Error::Memory { .. }, .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(fitted)
}

/// Takes one choice of each member away, drawn by `seed`: what is left is learned from, what was taken is asked for.
fn hold_out(training: &Training, seed: u64) -> hachi_solvers::Result<Rehearsal> {
    let positives = &training.choices.positives;
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let taken: Vec<Option<u32>> = (0..positives.rows())
        .map(|row| {
            let courses = positives.row_columns(row);
            let place = stream.random_range(0..courses.len().max(1));
            courses.get(place).copied().filter(|_| courses.len() >= MIN_CHOICES)
        })
        .collect();
    let without = |matrix: &Csr| {
        let kept = |row: usize| matrix.row(row).filter(|(course, _)| taken[row] != Some(*course)).collect();
        Csr::from_rows(matrix.columns(), &(0..matrix.rows()).map(kept).collect::<Vec<Vec<(u32, f64)>>>())
    };
    let choices = Choices { positives: without(positives)?, ratings: training.choices.ratings.as_ref().map(without).transpose()? };
    let targets = taken.iter().map(|course| course.iter().map(|&course| (course, 1.0)).collect()).collect::<Vec<_>>();
    Ok(Rehearsal {
        owned: choices.positives.clone(),
        histories: choices.clone(),
        targets: Csr::from_rows(positives.columns(), &targets)?,
        training: Training {
            popularity: popularity_without(&training.popularity, positives, &choices.positives),
            choices,
            rehearsal: None,
        },
    })
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
        let training = Training { choices, popularity: vec![3.0, 2.0, 2.0, 1.0], rehearsal: None };
        let held = hold_out(&training, 8).unwrap();
        assert_eq!([0, 1, 2].map(|row| held.targets.row_columns(row).len()), [1, 0, 1]);
        let mut members = vec![0.0; 4];
        for row in 0..3 {
            held.histories.positives.row_columns(row).iter().for_each(|&course| members[course as usize] += 1.0);
            let target = held.targets.row_columns(row);
            assert!(target.iter().all(|course| held.histories.positives.row_columns(row).binary_search(course).is_err()));
        }
        assert_eq!(held.training.popularity, members);
    }
}
