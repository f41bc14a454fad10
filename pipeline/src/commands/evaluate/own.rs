//! All models on the site's own days, beside the best of them.

use std::path::Path;

use chrono::NaiveDate;
use hachi_solvers::als;
use serde_json::json;

use super::Arguments;
use super::acts::days_of_site;
use super::shown::{cell, metrics_json, named, spread};
use crate::commands::keys::with_keys;
use crate::commands::{open, output, progress};
use crate::config::Config;
use crate::evaluate::{ByTime, Compared, Dataset, Days, OBJECTIVE, Splits, Window, by_time};
use crate::recommend::ModelSpec;

/// What a table for people shows; the JSON has all.
const SHOWN: [&str; 5] = [OBJECTIVE, "recall@20", "mrr@10", "coverage@10", "rmse"];
/// The cutoff that models are compared at.
const COMPARED_AT: usize = 10;

/// Cuts, fits, asks and compares.
pub(super) fn evaluate(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = with_keys(open::config(config, arguments.window.lake.as_deref(), None)?)?;
    let cutoffs = arguments.cutoffs().into_iter().chain([COMPARED_AT]).collect();
    let options = arguments.window.options(&config, cutoffs, arguments.limit_bytes());
    open::block_on(config.engine.threads, async {
        let splits = days_of_site(&config, &options).await?;
        let bar = progress::rows();
        let found = tokio::task::block_in_place(|| by_time(&splits, &specs(&config), &options, &|model| bar.set_message(model)));
        bar.finish_and_clear();
        let found = found?;
        if arguments.json { print_json(&splits, &found) } else { print_table(&splits, &found) }
    })
}

/// What is blended, as the site has it, and the models that are not.
fn specs(config: &Config) -> Vec<ModelSpec> {
    let mut specs = config.learn.models.specs();
    specs.push(ModelSpec::Als(als::Params::default()));
    specs
}

fn print_json(splits: &Splits, found: &ByTime) -> anyhow::Result<()> {
    let window = |(window, dataset): &(Window, Dataset)| {
        json!({ "from": day(window.from), "to": day(window.to - 1), "members": dataset.counts.evaluated, "pairs": dataset.counts.targets,
            "pairs_of_unknown_courses": dataset.counts.unknown_courses })
    };
    let model = |compared: &Compared| {
        json!({ "model": compared.model, "validation": metrics_json(&compared.validation), "test": metrics_json(&compared.test),
            "difference": metrics_json(&compared.difference) })
    };
    let report = json!({
        "validation": window(&splits.validation), "test": window(&splits.test), "best": found.best, "left_out": found.left_out.iter().map(|(model, _)| model).collect::<Vec<_>>(),
        "models": found.models.iter().map(model).collect::<Vec<_>>(),
    });
    output::print(serde_json::to_string_pretty(&report)?)
}

fn print_table(splits: &Splits, found: &ByTime) -> anyhow::Result<()> {
    for (name, (window, dataset)) in [("validation", &splits.validation), ("test", &splits.test)] {
        let counts = &dataset.counts;
        let of = |count: usize| output::thousands(count as u64);
        output::print(format_args!(
            "{name}: {} to {}, {} members took up {} courses, of which {} were too new or too rare to be known",
            day(window.from),
            day(window.to - 1),
            of(counts.evaluated),
            of(counts.targets),
            of(counts.unknown_courses),
        ))?;
    }
    let against = format!("{OBJECTIVE} less {}'s", found.best);
    let validation = format!("validation {OBJECTIVE}");
    let head: Vec<&str> = ["model", &validation].into_iter().chain(SHOWN).chain([against.as_str()]).collect();
    let rows = found.models.iter().map(|compared| {
        let shown = SHOWN.iter().map(|name| cell(named(&compared.test, name)));
        let difference = named(&compared.difference, OBJECTIVE).map_or_else(String::new, spread);
        let first = [compared.model.to_owned(), cell(named(&compared.validation, OBJECTIVE))];
        first.into_iter().chain(shown).chain([difference]).collect()
    });
    output::print(output::table(&head, rows.collect(), &(1..head.len()).collect::<Vec<_>>()))?;
    for (model, why) in &found.left_out {
        output::print(format_args!("{model} is left out: {why}"))?;
    }
    Ok(())
}

fn day(days: Days) -> String {
    NaiveDate::from_epoch_days(days).map_or_else(String::new, |day| day.to_string())
}
