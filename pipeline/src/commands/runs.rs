//! `hachi runs`: how the last runs went.

use std::path::{Path, PathBuf};

use super::open;
use super::output::{self, thousands};
use crate::observability::{History, RunRecord};

/// Arguments of `hachi runs`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many, the latest last
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    last: u32,
    /// The lake that they published to; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print their records as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the last runs, whether or not they published.
pub fn runs(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    let found = History::of_lake(&config.lake).last(arguments.last as usize)?;
    if found.unreadable > 0 {
        tracing::warn!(lines = found.unreadable, "lines of the history can't be read and are left out; a crash may have torn them");
    }
    if arguments.json {
        return output::print(serde_json::to_string_pretty(&found.records)?);
    }
    let head = ["started", "run", "outcome", "code", "snapshot", "seconds", "read", "rejected", "built", "reused", "MiB"];
    output::print(output::table(&head, found.records.iter().map(row).collect(), &[3, 4, 5, 6, 7, 8, 9, 10]))?;
    match found.records.last().and_then(|run| run.error.as_ref()) {
        Some(error) => output::print(format_args!("\nthe last one failed: {error}")),
        None => Ok(()),
    }
}

fn row(run: &RunRecord) -> Vec<String> {
    let count = |count: Option<u64>| count.map(thousands).unwrap_or_default();
    vec![
        run.started.format("%F %T").to_string(),
        run.run_id.clone(),
        run.outcome.as_str().to_owned(),
        run.exit_code.to_string(),
        count(run.number),
        format!("{:.1}", run.seconds),
        count(run.rows_read),
        count(run.rows_rejected),
        count(run.models_built),
        count(run.models_reused),
        count(run.peak_memory_bytes.map(|bytes| bytes >> 20)),
    ]
}
