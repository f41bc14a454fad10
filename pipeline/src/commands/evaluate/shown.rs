//! Metrics as JSON, and as tables for people.

use comfy_table::Table;
use serde_json::{Map, Value, json};

use crate::commands::output;
use crate::evaluate::{Estimate, Measured};

/// `{"ndcg@10": {"value": …, "low": …, "high": …}, …}`
pub fn metrics_json(measured: &[Measured]) -> Value {
    let entry = |metric: &Measured| {
        let Estimate { value, low, high } = metric.estimate;
        (metric.name.clone(), json!({ "value": value, "low": low, "high": high }))
    };
    Value::Object(measured.iter().map(entry).collect::<Map<String, Value>>())
}

/// A metric by name.
pub(super) fn named<'a>(measured: &'a [Measured], name: &str) -> Option<&'a Estimate> {
    measured.iter().find(|metric| metric.name == name).map(|metric| &metric.estimate)
}

/// `0.4523 ±0.0031`; nothing for a metric that is not there.
pub fn cell(estimate: Option<&Estimate>) -> String {
    estimate.map_or_else(String::new, |Estimate { value, low, high }| format!("{value:.4} ±{:.4}", (high - low) / 2.0))
}

/// `-0.0123 (-0.0150 to -0.0096)`
pub fn spread(estimate: &Estimate) -> String {
    let Estimate { value, low, high } = estimate;
    format!("{value:+.4} ({low:+.4} to {high:+.4})")
}

/// Metrics that have cutoffs: metrics down, cutoffs across.
pub(super) fn with_cutoffs(measured: &[Measured]) -> Table {
    let places: Vec<(&str, usize)> = measured.iter().filter_map(place).collect();
    let mut cutoffs: Vec<usize> = places.iter().map(|(_, cutoff)| *cutoff).collect();
    cutoffs.sort_unstable();
    cutoffs.dedup();
    let mut names: Vec<&str> = Vec::new();
    places.iter().for_each(|(name, _)| {
        if !names.contains(name) {
            names.push(name);
        }
    });
    let row = |name: &&str| -> Vec<String> {
        let at = |cutoff: &usize| cell(named(measured, &format!("{name}@{cutoff}")));
        [(*name).to_owned()].into_iter().chain(cutoffs.iter().map(at)).collect()
    };
    let head: Vec<String> = cutoffs.iter().map(|cutoff| format!("@{cutoff}")).collect();
    let head: Vec<&str> = ["metric"].into_iter().chain(head.iter().map(String::as_str)).collect();
    output::table(&head, names.iter().map(row).collect(), &(1..head.len()).collect::<Vec<_>>())
}

/// Metrics without a cutoff, one a line.
pub(super) fn without_cutoff(measured: &[Measured]) -> Vec<String> {
    measured
        .iter()
        .filter(|metric| place(metric).is_none())
        .map(|metric| format!("{}  {}", metric.name, cell(Some(&metric.estimate))))
        .collect()
}

/// `ndcg@10` as `ndcg` and 10.
fn place(metric: &Measured) -> Option<(&str, usize)> {
    let (name, cutoff) = metric.name.split_once('@')?;
    Some((name, cutoff.parse().ok()?))
}
