//! Models beside each other on a site's own days, and a blend of them that the validation window weighs.
//!
//! ```text
//! validation: fit ─▶ judge ─▶ weights ─┐
//! test:       fit ─▶ judge each ───────┴▶ judge their blend          weights of the next blend: from the test window
//! ```

use super::acts::{Splits, TimeOptions};
use super::dataset::Dataset;
use super::error::EvaluateError;
use super::intervals::{Measured, measure, paired};
use super::judge::{Judged, judge};
use crate::recommend::blend::{self, Blend, Fitted, Questions, Weight};
use crate::recommend::{LearnError, ModelSpec};

/// A model beside the others.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The model.
    pub model: &'static str,
    /// Its metrics in the validation window; none of the blend, which is weighed by that window.
    pub validation: Vec<Measured>,
    /// Its metrics in the test window.
    pub test: Vec<Measured>,
    /// Its metrics in the test window less those of the best model, member by member.
    pub difference: Vec<Measured>,
}

/// All models on a site's own days.
#[derive(Debug)]
pub struct ByTime {
    /// In the order asked for, then the blend.
    pub models: Vec<Compared>,
    /// The model with the highest [`OBJECTIVE`] in the test window.
    pub best: &'static str,
    /// Models that could not be fitted, and why.
    pub left_out: Vec<(&'static str, String)>,
    /// What the next blend is weighed by: what members took up in the test window.
    pub weights: Vec<Weight>,
}

/// The name of the blend among the models.
pub const BLEND: &str = "blend";

/// What models are compared by.
pub const OBJECTIVE: &str = "ndcg@10";

/// Fits every model to both cuts, blends those of positives, and compares them; `observe` hears of each model before it is fitted.
///
/// # Errors
/// [`EvaluateError`] where a model refuses, but for want of ratings, texts or memory.
pub fn by_time(
    splits: &Splits,
    specs: &[ModelSpec],
    options: &TimeOptions,
    observe: &dyn Fn(&'static str),
) -> Result<ByTime, EvaluateError> {
    let mut left_out = Vec::new();
    let validation = fit(&splits.validation.1, specs, options, &mut left_out, observe)?;
    let validated = judged(&splits.validation.1, &validation, options)?;
    let weights = weigh(&splits.validation.1, validation, options)?;

    let fitted: Vec<ModelSpec> = specs.iter().filter(|spec| validated.iter().any(|(name, _)| *name == spec.name())).copied().collect();
    let models = fit(&splits.test.1, &fitted, options, &mut left_out, observe)?;
    let mut tested = judged(&splits.test.1, &models, options)?;
    observe(BLEND);
    let blended = Blend::new(of_positives(models), &weights, splits.test.1.courses());
    tested.push((BLEND, judge(&splits.test.1, (BLEND, &blended), options.memory_limit_bytes)?));
    let weights = weigh(&splits.test.1, blended.into_models(), options)?;
    let (models, best) = compare(splits, (&validated, &tested), options)?;
    Ok(ByTime { models, best, left_out, weights })
}

/// Fits the models that can be.
fn fit(
    dataset: &Dataset,
    specs: &[ModelSpec],
    options: &TimeOptions,
    left_out: &mut Vec<(&'static str, String)>,
    observe: &dyn Fn(&'static str),
) -> Result<Vec<Fitted>, EvaluateError> {
    let mut models = Vec::new();
    for spec in specs {
        observe(spec.name());
        match spec.within(options.memory_limit_bytes).fit(&dataset.training) {
            Ok(scorer) => models.push(Fitted { name: spec.name(), scorer }),
            Err(LearnError::NoRatings { .. }) => left_out.push((spec.name(), "it learns from ratings, of which there are none".to_owned())),
            Err(LearnError::NoTimes) => left_out.push((spec.name(), "it learns from times, of which there are none".to_owned())),
            Err(LearnError::NoTexts) => left_out.push((spec.name(), "it learns from texts of courses, of which there are none".to_owned())),
            Err(LearnError::Model { source: source @ hachi_solvers::Error::Memory { .. }, .. }) => {
                left_out.push((spec.name(), source.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(models)
}

type Asked = Vec<(&'static str, Vec<Judged>)>;

fn judged(dataset: &Dataset, models: &[Fitted], options: &TimeOptions) -> Result<Asked, EvaluateError> {
    let ask = |model: &Fitted| Ok((model.name, judge(dataset, (model.name, model.scorer.as_ref()), options.memory_limit_bytes)?));
    models.iter().map(ask).collect()
}

/// A blend ranks by positives: a predicted rating says what a member would think of a course, and not whether they take it up.
fn of_positives(models: Vec<Fitted>) -> Vec<Fitted> {
    let predicts_ratings = |model: &Fitted| ModelSpec::named(model.name).is_ok_and(|spec| spec.predicts_ratings());
    models.into_iter().filter(|model| !predicts_ratings(model)).collect()
}

fn weigh(dataset: &Dataset, models: Vec<Fitted>, options: &TimeOptions) -> Result<Vec<Weight>, EvaluateError> {
    let questions = Questions {
        histories: &dataset.histories,
        owned: &dataset.owned,
        targets: dataset.asked.iter().map(|asked| &asked.targets[..]).collect(),
    };
    let weights = blend::weigh(&of_positives(models), &questions, options.memory_limit_bytes);
    weights.map_err(|source| EvaluateError::Score { model: BLEND, source })
}

/// All models in the order of `tested`, with the best of them.
fn compare(
    splits: &Splits,
    (validated, tested): (&Asked, &Asked),
    options: &TimeOptions,
) -> Result<(Vec<Compared>, &'static str), EvaluateError> {
    let mut models = Vec::new();
    for (model, judged) in tested {
        let validation = validated.iter().find(|(name, _)| name == model);
        let validation = validation.map_or(Ok(Vec::new()), |(_, judged)| measure(&splits.validation.1, judged, &options.cutoffs))?;
        let test = measure(&splits.test.1, judged, &options.cutoffs)?;
        models.push(Compared { model, validation, test, difference: Vec::new() });
    }
    let objective = |place: &usize| value_of(&models[*place].test, OBJECTIVE);
    let better = |left: usize, right: usize| if objective(&right) > objective(&left) { right } else { left };
    let best = (0..models.len()).reduce(better).ok_or_else(|| EvaluateError::Nothing("no model was named".to_owned()))?;
    for place in (0..models.len()).filter(|place| *place != best) {
        models[place].difference = paired(&splits.test.1, (&tested[place].1, &tested[best].1), &options.cutoffs)?;
    }
    let best = models[best].model;
    Ok((models, best))
}

/// Fits a model and asks it about everyone.
pub(super) fn asked(dataset: &Dataset, spec: &ModelSpec, options: &TimeOptions) -> Result<Vec<Judged>, EvaluateError> {
    let scorer = spec.within(options.memory_limit_bytes).fit(&dataset.training)?;
    judge(dataset, (spec.name(), scorer.as_ref()), options.memory_limit_bytes)
}

/// The value of a metric by name; NaN where it is not there.
pub(super) fn value_of(measured: &[Measured], name: &str) -> f64 {
    measured.iter().find(|measured| measured.name == name).map_or(f64::NAN, |measured| measured.estimate.value)
}
