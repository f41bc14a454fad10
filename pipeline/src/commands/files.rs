//! `hachi files`: where the files of a table are, for readers that follow no links.

use std::path::{Path, PathBuf};

use anyhow::Context;
use hachi_snapshot::{FileEntry, Lake, ManifestError};
use serde_json::{Value, json};

use super::{open, output};
use crate::config::Config;
use crate::domain::nearest::did_you_mean;
use crate::run::{latest_manifest, open_lake};

/// Arguments of `hachi files`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A published table
    #[arg(value_name = "TABLE")]
    table: String,
    /// Number of the snapshot; default: the latest
    #[arg(long, value_name = "N")]
    snapshot: Option<u64>,
    /// The lake; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print snapshot and files as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the absolute path of each file, one a line; its URL, where the lake has a home.
pub fn files(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    open::block_on(config.engine.threads, async { print(&config, arguments).await })
}

async fn print(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let lake = open_lake(config)?;
    let manifest = match arguments.snapshot {
        None => latest_manifest(&lake).await?,
        Some(number) => lake.manifest(number).await.with_context(|| super::no_snapshot(number))?,
    };
    let names = || manifest.tables.iter().map(|table| table.name.as_str());
    let table = manifest.tables.iter().find(|table| table.name == arguments.table);
    let table = table.with_context(|| {
        let hint = did_you_mean(&arguments.table, names());
        format!("snapshot {} has no table `{}`{hint}", manifest.number, arguments.table)
    })?;
    if arguments.json {
        let files = table.files.iter().map(|file| as_json(&lake, file)).collect::<Result<Vec<_>, _>>()?;
        let report = json!({ "snapshot": manifest.number, "table": table.name, "files": files });
        return output::print(serde_json::to_string_pretty(&report)?);
    }
    table.files.iter().try_for_each(|file| match lake.home() {
        Some(home) => output::print(home.url().join(&file.path)),
        None => output::print(lake.file(&file.path)?.display()),
    })
}

/// Where a file is in a folder; in a home its URL, and the path of the copy that was verified, where there is one.
fn as_json(lake: &Lake, file: &FileEntry) -> Result<Value, ManifestError> {
    let path = Some(lake.file(&file.path)?).filter(|path| lake.home().is_none() || path.is_file());
    let mut json = json!({ "path": path, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256 });
    if let Some(home) = lake.home() {
        json["url"] = home.url().join(&file.path).into();
    }
    Ok(json)
}
