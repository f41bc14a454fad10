//! `hachi verify`: whether the files of snapshots are what was published, byte for byte.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use hachi_snapshot::{Committed, FileEntry, Lake, Manifest, broken_links};
use serde::Serialize;
use thiserror::Error as ThisError;

use super::output::thousands;
use super::{open, output};
use crate::run::open_lake;

/// Arguments of `hachi verify`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Number of the snapshot; default: the latest
    #[arg(value_name = "N")]
    number: Option<u64>,
    /// Verify every snapshot that is kept
    #[arg(long, conflicts_with = "number")]
    all: bool,
    /// The lake; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

/// What was published is not there any more.
#[derive(Debug, ThisError)]
#[error("{0} found in the lake; go back to a sound snapshot with `hachi rollback`, or publish a new one with `hachi run --full`")]
pub struct Damaged(String);

/// What was looked at, and what was found.
#[derive(Debug, Default, Serialize)]
struct Report {
    snapshots: Vec<u64>,
    files: usize,
    bytes: u64,
    damages: Vec<String>,
}

/// Verifies, and says what is wrong.
pub fn verify(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    open::block_on(config.engine.threads, async {
        let lake = open_lake(&config)?;
        let history = lake.history().await?;
        let report = report(&lake, &history, first_of(&history, arguments)?, arguments.number).await;
        if arguments.json {
            output::print(serde_json::to_string_pretty(&report)?)?;
        } else {
            print(&report)?;
        }
        match report.damages.len() {
            0 => Ok(()),
            1 => Err(Damaged("1 damage".to_owned()).into()),
            many => Err(Damaged(format!("{} damages", thousands(many as u64))).into()),
        }
    })
}

/// The number from which on manifests are looked at. Where it is the latest's, what is unreadable above it counts: readers have
/// stepped over it.
fn first_of(history: &[Committed], arguments: &Arguments) -> anyhow::Result<u64> {
    match arguments.number {
        Some(number) if history.iter().all(|committed| committed.number != number) => anyhow::bail!(super::no_snapshot(number)),
        Some(number) => Ok(number),
        None if arguments.all => Ok(0),
        None => Ok(history.iter().rev().find(|committed| committed.manifest.is_ok()).map_or(0, |latest| latest.number)),
    }
}

async fn report(lake: &Lake, history: &[Committed], first: u64, only: Option<u64>) -> Report {
    let is_chosen = |number: u64| only.map_or(number >= first, |only| number == only);
    let chosen: Vec<&Committed> = history.iter().filter(|committed| is_chosen(committed.number)).collect();
    let mut report = Report { snapshots: chosen.iter().map(|committed| committed.number).collect(), ..Report::default() };
    for committed in &chosen {
        if let Err(reason) = &committed.manifest {
            report.damages.push(format!("manifest {}: {reason}", committed.number));
        }
    }
    let broken = broken_links(history).into_iter().filter(|link| is_chosen(link.number));
    report.damages.extend(broken.map(|link| link.to_string()));
    let files: BTreeMap<&str, &FileEntry> =
        chosen.iter().flat_map(|c| &c.manifest).flat_map(Manifest::files).map(|file| (file.path.as_str(), file)).collect();
    report.files = files.len();
    report.bytes = files.values().map(|file| file.bytes).sum();
    let damages = lake.damages(chosen.iter().flat_map(|c| &c.manifest).flat_map(Manifest::files)).await;
    report.damages.extend(damages.iter().map(|damage| with_cause(damage)));
    if lake.home().is_some() {
        let copied = files.into_values().filter(|file| lake.file(&file.path).is_ok_and(|path| path.is_file()));
        let damages = lake.copy().damages(copied).await;
        let told = |damage| format!("in the copy `{}`: {}; remove it, and it is fetched again", lake.root().display(), with_cause(damage));
        report.damages.extend(damages.iter().map(|damage| told(damage)));
    }
    report
}

fn with_cause(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn print(report: &Report) -> anyhow::Result<()> {
    report.damages.iter().try_for_each(output::print)?;
    let numbers: Vec<String> = report.snapshots.iter().map(ToString::to_string).collect();
    let what = match numbers.as_slice() {
        [] => "nothing is published".to_owned(),
        [one] => format!("snapshot {one}"),
        many => format!("snapshots {}", many.join(", ")),
    };
    let (files, bytes) = (thousands(report.files as u64), thousands(report.bytes));
    let found = if report.damages.is_empty() { "as published" } else { "damaged" };
    output::print(format_args!("{what}: {files} files, {bytes} bytes, {found}"))
}
