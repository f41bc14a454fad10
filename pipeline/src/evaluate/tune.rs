//! Parameters of a model that do best in the validation window, out of so many trials.
//!
//! The first trial is the default. The others are points of a Halton sequence (Halton 1960), turned by a seeded shift (Cranley and
//! Patterson 1976): they fill the ranges evenly however many there are, and the first of more trials are the trials of fewer.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::acts::{Splits, TimeOptions};
use super::by_time::{OBJECTIVE, asked, value_of};
use super::dataset::Dataset;
use super::error::EvaluateError;
use super::intervals::{Measured, measure, paired};
use crate::recommend::{LearnError, ModelSpec};

/// How long and from where is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TuneOptions {
    /// Models that are fitted, the default among them; at least 1.
    pub trials: usize,
    /// Seed of the points.
    pub seed: u64,
}

/// Values that were tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Parameter and value as written; none are the defaults.
    pub values: Vec<(&'static str, String)>,
    /// The objective in the validation window; none where the model can't be fitted with these values.
    pub score: Option<f64>,
}

/// What the search found.
#[derive(Debug)]
pub struct Found {
    /// `ndcg@10`, the higher the better, or `rmse`, the lower the better.
    pub objective: &'static str,
    /// In the order they were made.
    pub trials: Vec<Trial>,
    /// Place of the best; the earliest of equals.
    pub best: usize,
    /// The best in the test window, which the search has not seen.
    pub test: Vec<Measured>,
    /// The same less the default's, member by member.
    pub difference: Vec<Measured>,
}

/// Where a parameter is searched, evenly over its logarithm.
struct Range {
    name: &'static str,
    low: f64,
    high: f64,
    is_whole: bool,
}

/// Bases of the sequence, one for each parameter.
const BASES: [u32; 3] = [2, 3, 5];
/// Digits of a parameter that is no whole number.
const DIGITS: i32 = 3;

fn ranges(spec: &ModelSpec) -> Vec<Range> {
    let whole = |name, low, high| Range { name, low, high, is_whole: true };
    let number = |name, low, high| Range { name, low, high, is_whole: false };
    match spec {
        ModelSpec::Popular | ModelSpec::Trending | ModelSpec::Quality | ModelSpec::Content | ModelSpec::Blend(_) => vec![],
        ModelSpec::Ease(_) => vec![number("lambda", 1.0, 10_000.0)],
        ModelSpec::Ials(_) => vec![whole("dim", 8.0, 256.0), number("reg", 1e-4, 1e-1), number("alpha0", 1e-2, 1.0)],
        ModelSpec::Als(_) => vec![whole("dim", 4.0, 64.0), number("reg", 0.02, 0.5)],
        ModelSpec::Svd(_) => vec![whole("dim", 8.0, 256.0)],
        ModelSpec::Neighbors(_) => vec![whole("k", 10.0, 1000.0)],
    }
}

/// Searches; `observe` hears of each trial when it is done.
///
/// # Errors
/// [`EvaluateError::Nothing`] for a model without parameters, else what a fit refuses.
pub fn tune(
    splits: &Splits,
    spec: &ModelSpec,
    (options, search): (&TimeOptions, TuneOptions),
    observe: &dyn Fn(&Trial),
) -> Result<Found, EvaluateError> {
    let ranges = ranges(spec);
    if ranges.is_empty() {
        return Err(EvaluateError::Nothing(format!("`{}` has no parameter to search for", spec.name())));
    }
    let objective = if spec.predicts_ratings() { "rmse" } else { OBJECTIVE };
    let options = TimeOptions { cutoffs: vec![10], ..options.clone() };
    let mut trials = Vec::new();
    for number in 0..search.trials {
        let values = if number == 0 { Vec::new() } else { point(&ranges, number, search.seed) };
        let trial = Trial { score: score(&splits.validation.1, &with(spec, &values)?, (&options, objective))?, values };
        observe(&trial);
        trials.push(trial);
    }
    let worth = |trial: &Trial| trial.score.map_or(f64::NEG_INFINITY, |score| if objective == OBJECTIVE { score } else { -score });
    let better = |best: usize, place: usize| if worth(&trials[place]) > worth(&trials[best]) { place } else { best };
    let best = (1..trials.len()).fold(0, better);
    let found = with(spec, &trials[best].values)?;
    let (of_best, of_default) = (asked(&splits.test.1, &found, &options)?, asked(&splits.test.1, spec, &options)?);
    let test = measure(&splits.test.1, &of_best, &options.cutoffs)?;
    let difference = paired(&splits.test.1, (&of_best, &of_default), &options.cutoffs)?;
    Ok(Found { objective, trials, best, test, difference })
}

/// The objective of a model; none where its systems can't be solved.
fn score(dataset: &Dataset, spec: &ModelSpec, (options, objective): (&TimeOptions, &str)) -> Result<Option<f64>, EvaluateError> {
    let judged = match asked(dataset, spec, options) {
        Err(error) if is_singular(&error) => return Ok(None),
        judged => judged?,
    };
    Ok(Some(value_of(&measure(dataset, &judged, &options.cutoffs)?, objective)).filter(|score| score.is_finite()))
}

fn is_singular(error: &EvaluateError) -> bool {
    match error {
        EvaluateError::Learn(LearnError::Model { source, .. }) | EvaluateError::Score { source, .. } => {
            matches!(source, hachi_solvers::Error::NotPositiveDefinite { .. })
        }
        _ => false,
    }
}

fn with(spec: &ModelSpec, values: &[(&'static str, String)]) -> Result<ModelSpec, EvaluateError> {
    let mut changed = *spec;
    values.iter().try_for_each(|(name, value)| changed.set(name, value))?;
    Ok(changed)
}

fn point(ranges: &[Range], number: usize, seed: u64) -> Vec<(&'static str, String)> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let place = |(range, base): (&Range, u32)| {
        let shift: f64 = stream.random();
        let share = (radical_inverse(number, base) + shift).fract();
        (range.name, written(range, share))
    };
    ranges.iter().zip(BASES).map(place).collect()
}

/// The digits of `number` in `base`, mirrored at the point: 6 = 110 → 0.011 in base 2.
fn radical_inverse(mut number: usize, base: u32) -> f64 {
    let (mut inverse, mut place) = (0.0, 1.0);
    while number > 0 {
        place /= f64::from(base);
        inverse += place * (number % base as usize) as f64;
        number /= base as usize;
    }
    inverse
}

/// The value at a share of the range's logarithm, in the digits that are told and tried.
fn written(range: &Range, share: f64) -> String {
    let value = range.low * (range.high / range.low).powf(share);
    if range.is_whole {
        return format!("{}", value.round());
    }
    let unit = 10_f64.powi(value.log10().floor() as i32 + 1 - DIGITS);
    let decimals = (-unit.log10().round()).max(0.0) as usize;
    format!("{:.decimals$}", (value / unit).round() * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_told_by_seed_and_number_and_stay_within() {
        let ranges = ranges(&ModelSpec::named("ials").unwrap());
        assert_eq!(point(&ranges, 5, 1), point(&ranges, 5, 1));
        assert_ne!(point(&ranges, 5, 1), point(&ranges, 5, 2));
        for number in 1..200 {
            for (range, (name, value)) in ranges.iter().zip(point(&ranges, number, 3)) {
                let value: f64 = value.parse().unwrap();
                assert!(value >= range.low * 0.99 && value <= range.high * 1.01, "{name} = {value}");
            }
        }
    }

    #[test]
    fn the_sequence_mirrors_digits() {
        assert!((radical_inverse(6, 2) - 0.375).abs() < 1e-15);
        assert!((radical_inverse(5, 3) - (2.0 / 3.0 + 1.0 / 9.0)).abs() < 1e-15);
    }

    #[test]
    fn values_have_three_digits() {
        let range = |low, high, is_whole| Range { name: "x", low, high, is_whole };
        assert_eq!(written(&range(1.0, 10_000.0, false), 0.5), "100");
        assert_eq!(written(&range(1e-4, 1e-1, false), 0.0), "0.000100");
        assert_eq!(written(&range(1.0, 10_000.0, false), 0.9), "3980");
        assert_eq!(written(&range(8.0, 256.0, true), 0.3), "23");
    }
}
