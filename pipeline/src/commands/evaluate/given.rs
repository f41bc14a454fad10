//! One model on given files: a public protocol is one call.

use std::path::Path;
use std::time::Instant;

use super::Arguments;
use super::shown::{metrics_json, with_cutoffs, without_cutoff};
use crate::commands::output;
use crate::evaluate::{Counts, EvaluateError, Files, judge, measure, read_files};
use crate::recommend::ModelSpec;

/// Reads, fits, asks and measures.
#[expect(clippy::disallowed_methods, reason = "seconds are told to people")]
pub(super) fn evaluate((train, test): (&Path, &Path), model: &str, arguments: &Arguments) -> anyhow::Result<()> {
    let spec = spec(model, arguments)?;
    let files = Files {
        train: train.to_owned(),
        test: test.to_owned(),
        candidates: arguments.candidates.clone(),
        history: arguments.history.clone(),
    };
    let dataset = read_files(&files)?;
    let start = Instant::now();
    let scorer = spec.fit(&dataset.training).map_err(EvaluateError::from)?;
    let fit = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let judged = judge(&dataset, (spec.name(), scorer.as_ref()), arguments.limit_bytes())?;
    let score = start.elapsed().as_secs_f64();
    let measured = measure(&dataset, &judged, &arguments.cutoffs())?;
    anstream::eprintln!("{}", counted(&dataset.counts));
    if arguments.json {
        let seconds = serde_json::json!({ "fit": fit, "score": score });
        let report = serde_json::json!({ "model": spec.name(), "seconds": seconds, "metrics": metrics_json(&measured) });
        return output::print(serde_json::to_string_pretty(&report)?);
    }
    output::print(format_args!("{}: fitted in {fit:.2} s, scored in {score:.2} s; half of each 95 % interval after ±", spec.name()))?;
    output::print(with_cutoffs(&measured))?;
    without_cutoff(&measured).into_iter().try_for_each(output::print)
}

fn spec(model: &str, arguments: &Arguments) -> Result<ModelSpec, EvaluateError> {
    let mut spec = ModelSpec::named(model)?.within(arguments.limit_bytes());
    arguments.set.iter().try_for_each(|(name, value)| spec.set(name, value))?;
    spec.check()?;
    Ok(spec)
}

/// Who was asked, and what was left out.
fn counted(counts: &Counts) -> String {
    let of = |count: usize| output::thousands(count as u64);
    let mut text = format!("{} members with {} pairs evaluated", of(counts.evaluated), of(counts.targets));
    let mut tell = |count: usize, what: &str| {
        if count > 0 {
            text += &format!("; {} {what}", of(count));
        }
    };
    tell(counts.without_history, "members have no history");
    tell(counts.unknown_courses, "pairs name a course that the training does not have, and count as not found");
    tell(counts.already_had, "pairs are left out, because the member has the course already");
    text
}
