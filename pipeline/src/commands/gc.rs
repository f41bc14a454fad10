//! `hachi gc`: removes old snapshots, and what killed runs left. Every run does the same at its end.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use hachi_snapshot::{Garbage, KEEP_HOURS_MIN, KEEP_SNAPSHOTS_MIN, Keep, Lake, Waste};
use serde_json::json;

use super::output::thousands;
use super::record::Record;
use super::{open, output};
use crate::run::open_lake;

/// Arguments of `hachi gc`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Say what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,
    /// Snapshots that are kept at least, 5 or more; default: as configured
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(KEEP_SNAPSHOTS_MIN as u64..))]
    keep: Option<u64>,
    /// Hours for which a snapshot is kept after another has taken its place, 24 or more; default: as configured
    #[arg(long, value_name = "H", value_parser = clap::value_parser!(u32).range(i64::from(KEEP_HOURS_MIN)..))]
    hours: Option<u32>,
    /// The lake; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print what goes as JSON
    #[arg(long)]
    json: bool,
}

/// Collects, and says what went.
pub fn gc(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    let keep = Keep {
        snapshots: arguments.keep.map_or(config.keep.snapshots, |snapshots| snapshots as usize),
        age: arguments.hours.map_or(config.keep.age, |hours| TimeDelta::hours(hours.into())),
        ..config.keep
    };
    open::block_on(config.engine.threads, async {
        let lake = open_lake(&config)?;
        let garbage = if arguments.dry_run { lake.garbage(keep, open::now()).await? } else { recorded(&lake, keep).await? };
        if arguments.json { print_json(&garbage, arguments.dry_run) } else { print(&garbage, arguments.dry_run) }
    })
}

/// Collects, with an entry in the audit log before and after it.
async fn recorded(lake: &Lake, keep: Keep) -> anyhow::Result<Garbage> {
    let details = [("keep", json!(keep.snapshots)), ("hours", json!(keep.age.num_hours()))];
    let details = details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let record = Record::begin(lake, "gc", details).await?;
    let done = lake.collect(keep, open::now()).await.map_err(anyhow::Error::from);
    record.end_or_warn(&done, "collected", |_| None).await;
    done
}

fn print(garbage: &Garbage, is_dry: bool) -> anyhow::Result<()> {
    let (go, nothing) = if is_dry { ("would go", "nothing would go") } else { ("removed", "nothing to remove") };
    if garbage.is_empty() {
        return output::print(nothing);
    }
    let row = |what: &str, count: usize, waste: &[Waste]| {
        vec![what.to_owned(), thousands(count as u64), thousands(waste.iter().map(|waste| waste.bytes).sum())]
    };
    let rows = vec![
        row("files of old snapshots", garbage.files.len(), &garbage.files),
        row("files of killed runs", garbage.orphans.len(), &garbage.orphans),
        row("halves of puts and scratch folders", garbage.leftovers.len(), &garbage.leftovers),
    ];
    let numbers: Vec<String> = garbage.snapshots.iter().map(ToString::to_string).collect();
    if !numbers.is_empty() {
        output::print(format_args!("{go}: snapshots {}", numbers.join(", ")))?;
    }
    output::print(output::table(&[go, "count", "bytes"], rows, &[1, 2]))
}

fn print_json(garbage: &Garbage, is_dry: bool) -> anyhow::Result<()> {
    let waste = |waste: &[Waste]| waste.iter().map(|waste| json!({ "path": waste.path, "bytes": waste.bytes })).collect::<Vec<_>>();
    let report = json!({
        "dry_run": is_dry,
        "snapshots": garbage.snapshots,
        "kept": garbage.kept,
        "files": waste(&garbage.files),
        "orphans": waste(&garbage.orphans),
        "leftovers": waste(&garbage.leftovers),
        "bytes": garbage.bytes(),
    });
    output::print(serde_json::to_string_pretty(&report)?)
}
