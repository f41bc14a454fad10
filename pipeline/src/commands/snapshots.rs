//! `hachi snapshots`: what is kept in the lake, and what each of it takes.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use hachi_snapshot::{Committed, Manifest};
use serde_json::{Value, json};

use super::output::{table, thousands};
use super::{open, output};
use crate::run::open_lake;

/// Characters of a content hash that tell contents apart for people.
const HASH_CHARS: usize = 12;
const HEADER: [&str; 10] = ["number", "as_of", "committed", "run", "tables", "rows", "bytes", "own bytes", "content", "back to"];

/// Arguments of `hachi snapshots`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The lake; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// How many snapshots name a file, by its path.
type Names<'a> = HashMap<&'a str, usize>;

/// Lists them, oldest first.
pub fn snapshots(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    open::block_on(config.engine.threads, async {
        let history = open_lake(&config)?.history().await?;
        let mut names = Names::new();
        for file in history.iter().flat_map(|committed| &committed.manifest).flat_map(Manifest::files) {
            *names.entry(file.path.as_str()).or_default() += 1;
        }
        if arguments.json {
            let rows: Vec<Value> = history.iter().map(|committed| as_json(committed, &names)).collect();
            return output::print(serde_json::to_string_pretty(&rows)?);
        }
        let rows = history.iter().map(|committed| cells(committed, &names)).collect();
        output::print(table(&HEADER, rows, &[0, 4, 5, 6, 7, 9]))?;
        let keys = numbers_by_key(&history);
        if !keys.is_empty() {
            output::print(format_args!("\n{}", table(&["key", "needed by snapshots"], keys, &[])))?;
        }
        unreadable(&history).try_for_each(|(number, reason)| output::print(format_args!("\nsnapshot {number} is ignored: {reason}")))
    })
}

/// Each key with the snapshots that can't be read without it.
fn numbers_by_key(history: &[Committed]) -> Vec<Vec<String>> {
    let mut numbers: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for manifest in history.iter().flat_map(|committed| &committed.manifest) {
        manifest.keys().into_iter().for_each(|id| numbers.entry(id).or_default().push(manifest.number.to_string()));
    }
    numbers.into_iter().map(|(id, numbers)| vec![id.to_owned(), numbers.join(", ")]).collect()
}

fn unreadable(history: &[Committed]) -> impl Iterator<Item = (u64, String)> {
    history.iter().filter_map(|committed| Some((committed.number, committed.manifest.as_ref().err()?.to_string())))
}

/// Bytes of all files of a snapshot, and of those that no other one names.
fn all_and_own(manifest: &Manifest, names: &Names<'_>) -> (u64, u64) {
    let is_own = |path: &str| names.get(path) == Some(&1);
    let own = manifest.files().filter(|file| is_own(&file.path)).map(|file| file.bytes).sum();
    (manifest.files().map(|file| file.bytes).sum(), own)
}

fn rows(manifest: &Manifest) -> u64 {
    manifest.tables.iter().map(|table| table.rows).sum()
}

fn cells(committed: &Committed, names: &Names<'_>) -> Vec<String> {
    let (number, at) = (committed.number.to_string(), moment(committed.at));
    let Ok(manifest) = &committed.manifest else {
        return [&number, "", &at, "unreadable", "", "", "", "", "", ""].map(str::to_owned).to_vec();
    };
    let (bytes, own) = all_and_own(manifest, names);
    vec![
        number,
        moment(manifest.as_of),
        at,
        manifest.run_id.clone(),
        manifest.tables.len().to_string(),
        thousands(rows(manifest)),
        thousands(bytes),
        thousands(own),
        manifest.content_hash.chars().take(HASH_CHARS).collect(),
        manifest.rolled_back_to.map_or_else(String::new, |number| number.to_string()),
    ]
}

fn as_json(committed: &Committed, names: &Names<'_>) -> Value {
    match &committed.manifest {
        Err(reason) => json!({ "number": committed.number, "committed_at": committed.at, "unreadable": reason.to_string() }),
        Ok(manifest) => {
            let (bytes, own) = all_and_own(manifest, names);
            json!({
                "number": committed.number,
                "as_of": manifest.as_of,
                "watermark": manifest.watermark,
                "committed_at": committed.at,
                "committed_by": manifest.committed_by,
                "run_id": manifest.run_id,
                "parent": manifest.parent,
                "rolled_back_to": manifest.rolled_back_to,
                "tables": manifest.tables.len(),
                "rows": rows(manifest),
                "bytes": bytes,
                "own_bytes": own,
                "content_hash": manifest.content_hash,
                "keys": manifest.keys(),
            })
        }
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
