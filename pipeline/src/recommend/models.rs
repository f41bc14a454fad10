//! Fits the models of a run, where there is something to fit. Solving belongs to `hachi-solvers`.

use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use hachi_solvers::{Csr, Error, ease, ials, ridge};

use super::blend::{self, Blend, Fitted, Weight};
use super::community::Community;
use super::error::LearnError;
use super::learn::Step;
use super::options::CourseGram;
use super::options::LearnOptions;
use super::scorers::{ModelSpec, fit_ease_of};
use crate::frames::{FramesError, Gram, optional_numbers, text_values};

const WEIGHTS: &str = "blend_weights";
const GRAM: &str = "course_gram";

/// The fitted models; a model without input is absent.
pub(super) struct Models {
    /// The models of choices, weighed; none where nobody has any.
    pub blend: Option<Blend>,
    /// Two of them, whose matrices are published.
    pub ials: Option<(Arc<ials::Model>, ials::Report)>,
    pub ease: Option<Arc<ease::Model>>,
    /// The model of behaviours.
    pub ridge: Option<(ridge::Model, ridge::Report)>,
}

impl Models {
    /// No models.
    pub const NONE: Self = Self { blend: None, ials: None, ease: None, ridge: None };

    /// Fits what the community's tables allow; `weights` are rows of `blend_weights`, `gram` those of `course_gram`.
    pub fn fit(
        community: &Community,
        (weights, gram): (&[RecordBatch], Option<CourseGram>),
        options: &LearnOptions,
        progress: &dyn Fn(Step),
    ) -> Result<Self, LearnError> {
        let fitted = Self::fit_blend(community, (weights, gram), options, progress)?;
        progress(Step::Ridge);
        let ridge = fit_ridge(community, options).map_err(|source| LearnError::Model { model: "ridge", source })?;
        Ok(Self { ridge, ..fitted })
    }

    fn fit_blend(
        community: &Community,
        (weights, mut gram): (&[RecordBatch], Option<CourseGram>),
        options: &LearnOptions,
        progress: &dyn Fn(Step),
    ) -> Result<Self, LearnError> {
        if community.actors.is_empty() {
            return Ok(Self::NONE);
        }
        let (training, params) = (&community.training, options.models);
        let weights = weights_of(weights, &blend::Params { memory_limit_bytes: options.memory_limit_bytes, ..params }, community)?;
        let (mut all, mut models) = (Self::NONE, Vec::new());
        for spec in params.specs() {
            let spec = spec.within(options.memory_limit_bytes);
            let scorer = match spec {
                ModelSpec::Ials(params) => solve_ials(community, params, progress).map(|(model, report)| {
                    let model = Arc::new(model);
                    all.ials = Some((Arc::clone(&model), report));
                    Box::new(model) as _
                }),
                ModelSpec::Ease(params) => {
                    let rows = gram.take().map(|rows| Gram::read(GRAM, rows, &community.modelled, options.memory_limit_bytes));
                    fit_ease_of(training, rows.transpose()?, params).map(|model| {
                        let model = Arc::new(model);
                        all.ease = Some(Arc::clone(&model));
                        Box::new(model) as _
                    })
                }
                _ => spec.fit(training),
            };
            match scorer {
                Ok(scorer) => models.push(Fitted { name: spec.name(), scorer }),
                // A blend does without; the sizes of the others are those of the lists.
                Err(LearnError::Model { source: Error::Memory { .. }, model }) if model != "ials" => {
                    tracing::warn!(model, "left out of the blend: it would need more memory than it may");
                }
                Err(error) => return Err(error),
            }
        }
        let blend = Blend::new(models, &weights, training.popularity.len());
        Ok(Self { blend: Some(blend), ..all })
    }
}

/// What each model counts: as it was learned from what members took up, else from a choice of each member, else all the same.
fn weights_of(batches: &[RecordBatch], params: &blend::Params, community: &Community) -> Result<Vec<Weight>, LearnError> {
    let known = read_weights(batches)?;
    if !known.is_empty() {
        return Ok(known);
    }
    match blend::rehearse(&community.training, params) {
        Err(LearnError::Model { source: Error::Empty { .. }, .. }) => {
            let even = |spec: ModelSpec| Weight { model: spec.name(), deviations: 1.0, log_odds: 0.0 };
            Ok(params.specs().into_iter().map(even).collect())
        }
        weights => weights,
    }
}

/// A model that is not known any more counts nothing.
fn read_weights(batches: &[RecordBatch]) -> Result<Vec<Weight>, FramesError> {
    let models = text_values(WEIGHTS, batches, "model")?;
    let numbers = |column| optional_numbers(WEIGHTS, batches, column);
    let rows = models.iter().zip(numbers("deviations")?).zip(numbers("log_odds")?);
    let weight = |((model, deviations), log_odds): ((&String, Option<f64>), Option<f64>)| {
        let model = ModelSpec::NAMES.into_iter().find(|name| name == model)?;
        Some(Weight { model, deviations: deviations?, log_odds: log_odds? })
    };
    Ok(rows.filter_map(weight).collect())
}

fn solve_ials(community: &Community, params: ials::Params, progress: &dyn Fn(Step)) -> Result<(ials::Model, ials::Report), LearnError> {
    let solve = || {
        let problem = ials::Problem::new(community.training.choices.positives.clone())?;
        ials::solve(&problem, &params.check()?, &|epoch| progress(Step::Ials(epoch)))
    };
    solve().map_err(|source| LearnError::Model { model: "ials", source })
}

fn fit_ridge(community: &Community, options: &LearnOptions) -> hachi_solvers::Result<Option<(ridge::Model, ridge::Report)>> {
    let params = ridge::Params { lambda: options.ridge_lambda, memory_limit_bytes: options.memory_limit_bytes }.check()?;
    let behaviours = &community.behaviours;
    if behaviours.learned_from == 0 {
        return Ok(None);
    }
    let affinities = normalised(&community.affinities, &behaviours.actors)?;
    ridge::solve(&ridge::Problem::new(behaviours.training(), &affinities)?, &params).map(Some)
}

/// The rows of `actors`, each divided by its largest value, so that busy members don't outweigh the others.
fn normalised(affinities: &Csr, actors: &[u32]) -> hachi_solvers::Result<Csr> {
    let row = |&actor: &u32| {
        let largest = affinities.row_values(actor as usize).iter().copied().fold(0.0, f64::max);
        affinities.row(actor as usize).map(|(course, value)| (course, value / largest)).collect()
    };
    Csr::from_rows(affinities.columns(), &actors.iter().map(row).collect::<Vec<Vec<(u32, f64)>>>())
}
