//! Fits the two models, where there is something to fit. Solving belongs to `hachi-solvers`.

use hachi_solvers::{Csr, ials, ridge};

use super::community::Community;
use super::error::LearnError;
use super::learn::Step;
use super::options::LearnOptions;

/// The fitted models; a model without input is absent.
pub(super) struct Models {
    pub ials: Option<(ials::Model, ials::Report)>,
    pub ridge: Option<(ridge::Model, ridge::Report)>,
}

impl Models {
    /// Fits what the community's tables allow.
    pub fn fit(community: &Community, options: &LearnOptions, progress: &dyn Fn(Step)) -> Result<Self, LearnError> {
        let ials = fit_ials(community, options, progress).map_err(|source| LearnError::Model { model: "ials", source })?;
        progress(Step::Ridge);
        let ridge = fit_ridge(community, options).map_err(|source| LearnError::Model { model: "ridge", source })?;
        Ok(Self { ials, ridge })
    }

    /// Fitted iALS.
    pub fn ials(&self) -> Option<&ials::Model> {
        self.ials.as_ref().map(|(model, _)| model)
    }

    /// Fitted ridge.
    pub fn ridge(&self) -> Option<&ridge::Model> {
        self.ridge.as_ref().map(|(model, _)| model)
    }
}

fn fit_ials(
    community: &Community,
    options: &LearnOptions,
    progress: &dyn Fn(Step),
) -> hachi_solvers::Result<Option<(ials::Model, ials::Report)>> {
    let params = ials::Params { memory_limit_bytes: options.memory_limit_bytes, ..options.ials }.check()?;
    if community.actors.is_empty() {
        return Ok(None);
    }
    let problem = ials::Problem::new(community.positives.clone())?;
    ials::solve(&problem, &params, &|epoch| progress(Step::Ials(epoch))).map(Some)
}

fn fit_ridge(community: &Community, options: &LearnOptions) -> hachi_solvers::Result<Option<(ridge::Model, ridge::Report)>> {
    let params = ridge::Params { lambda: options.ridge_lambda, memory_limit_bytes: options.memory_limit_bytes }.check()?;
    let behaviours = &community.behaviours;
    if behaviours.learned_from == 0 {
        return Ok(None);
    }
    let affinities = normalised(&community.positives, &behaviours.actors)?;
    ridge::solve(&ridge::Problem::new(behaviours.training(), &affinities)?, &params).map(Some)
}

/// The rows of `actors`, each divided by its largest value, so that busy members don't outweigh the others.
fn normalised(positives: &Csr, actors: &[u32]) -> hachi_solvers::Result<Csr> {
    let row = |&actor: &u32| {
        let largest = positives.row_values(actor as usize).iter().copied().fold(0.0, f64::max);
        positives.row(actor as usize).map(|(course, value)| (course, value / largest)).collect()
    };
    Csr::from_rows(positives.columns(), &actors.iter().map(row).collect::<Vec<Vec<(u32, f64)>>>())
}
