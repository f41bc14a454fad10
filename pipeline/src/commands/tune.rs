//! `hachi tune`: parameters of a model that do best on the site's own days.

use std::path::Path;

use serde_json::json;

use super::evaluate::{Window, cell, days_of_site, metrics_json, spread};
use super::keys::with_keys;
use super::{open, output, progress};
use crate::evaluate::{EvaluateError, Found, Measured, Trial, TuneOptions, tune as search};
use crate::recommend::ModelSpec;

const EXAMPLE: &str = "Example:\n  hachi tune --model ials --trials 20";
/// Where lists are cut.
const CUTOFF: usize = 10;
/// Models whose parameters `hachi.toml` has.
const CONFIGURED: [&str; 4] = ["ease", "ials", "neighbors", "svd"];

/// Arguments of `hachi tune`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// The model: ease, ials, als, svd or neighbors
    #[arg(long, value_name = "NAME", default_value = "ials")]
    model: String,
    /// Models that are fitted; the first has the defaults
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    trials: u32,
    /// Same seed, same trials
    #[arg(long, value_name = "N", default_value_t = 8)]
    seed: u64,
    /// No single step allocates more than so many GiB
    #[arg(long, value_name = "GIB", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    memory_gib: u16,
    #[command(flatten)]
    window: Window,
    /// Print all trials as JSON
    #[arg(long)]
    json: bool,
}

/// Searches, and prints the best as a part of `hachi.toml`.
pub fn tune(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = with_keys(open::config(config, arguments.window.lake.as_deref(), None)?)?;
    let spec = ModelSpec::named(&arguments.model).map_err(EvaluateError::from)?;
    let options = arguments.window.options(&config, vec![CUTOFF], u64::from(arguments.memory_gib) << 30);
    let trials = TuneOptions { trials: arguments.trials as usize, seed: arguments.seed };
    open::block_on(config.engine.threads, async {
        let splits = days_of_site(&config, &options).await?;
        let bar = progress::steps();
        bar.set_length(u64::from(arguments.trials));
        let observe = |trial: &Trial| {
            bar.inc(1);
            bar.set_message(told(trial.score));
        };
        let found = tokio::task::block_in_place(|| search(&splits, &spec, (&options, trials), &observe));
        bar.finish_and_clear();
        let found = found?;
        if arguments.json { print_json(&spec, &found) } else { print_fragment(&spec, &found) }
    })
}

fn print_json(spec: &ModelSpec, found: &Found) -> anyhow::Result<()> {
    let trial = |trial: &Trial| {
        let values: serde_json::Map<_, _> = trial.values.iter().map(|(name, value)| ((*name).to_owned(), number(value))).collect();
        json!({ "values": values, "score": trial.score })
    };
    let trials: Vec<_> = found.trials.iter().map(trial).collect();
    let report = json!({
        "model": spec.name(), "objective": found.objective, "best": trials.get(found.best), "trials": trials,
        "test": metrics_json(&found.test), "difference": metrics_json(&found.difference),
    });
    output::print(serde_json::to_string_pretty(&report)?)
}

fn told(score: Option<f64>) -> String {
    score.map_or_else(|| "none".to_owned(), |score| format!("{score:.4}"))
}

fn number(text: &str) -> serde_json::Value {
    text.parse().unwrap_or(serde_json::Value::Null)
}

/// Everything but the parameters is a comment, so that the output can be added to the file as it is.
fn print_fragment(spec: &ModelSpec, found: &Found) -> anyhow::Result<()> {
    let best = &found.trials[found.best];
    let of = |measured: &[Measured]| measured.iter().find(|metric| metric.name == found.objective).map(|metric| metric.estimate);
    let (best_score, default) = (told(best.score), told(found.trials.first().and_then(|trial| trial.score)));
    let trials = found.trials.len();
    output::print(format_args!("# {} of {trials} trials: {best_score} in the validation window, by default {default}", found.objective))?;
    output::print(format_args!("# in the test window {}", cell(of(&found.test).as_ref())))?;
    if let Some(difference) = of(&found.difference) {
        output::print(format_args!("# less the default's {}", spread(&difference)))?;
    }
    if best.values.is_empty() {
        return output::print("# the defaults are best: there is nothing to set");
    }
    if CONFIGURED.contains(&spec.name()) {
        output::print(format_args!("[recommend.{}]", spec.name()))?;
        return best.values.iter().try_for_each(|(name, value)| output::print(format_args!("{name} = {value}")));
    }
    let set: Vec<String> = best.values.iter().map(|(name, value)| format!("{name}={value}")).collect();
    output::print(format_args!("# hachi evaluate … --model {} --set {}", spec.name(), set.join(" ")))
}
