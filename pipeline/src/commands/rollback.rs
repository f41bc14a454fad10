//! `hachi rollback`: readers go back to an older snapshot.

use std::path::{Path, PathBuf};

use serde_json::{Map, json};

use super::record::Record;
use super::{open, output, settle};
use crate::run::{lake_of, rollback as run_rollback};

/// Arguments of `hachi rollback`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Number of the snapshot; `hachi snapshots` lists them
    #[arg(value_name = "N")]
    number: u64,
    /// The lake; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// Publishes the old files once more, and says under which number.
pub fn rollback(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let project = open::project(open::config(config, arguments.lake.as_deref(), None)?)?;
    open::block_on(project.config.engine.threads, async {
        let details = Map::from_iter([("to".to_owned(), json!(arguments.number))]);
        let (lake, run_id) = (lake_of(&project.config)?, open::run_id());
        lake.probe(&run_id).await?;
        let record = Record::begin(&lake, "rollback", details).await?;
        let done = run_rollback(&project, arguments.number, (&run_id, open::now())).await.map_err(anyhow::Error::from);
        record.end_or_warn(&done, "published", |manifest| Some(manifest.number)).await;
        let manifest = done?;
        settle::after_commit(&project.config).await;
        if arguments.json {
            let outcome = json!({
                "number": manifest.number,
                "run_id": manifest.run_id,
                "parent": manifest.parent,
                "rolled_back_to": manifest.rolled_back_to,
                "as_of": manifest.as_of,
                "content_hash": manifest.content_hash,
            });
            return output::print(serde_json::to_string_pretty(&outcome)?);
        }
        let (old, new) = (arguments.number, manifest.number);
        output::print(format_args!("snapshot {new} is snapshot {old} again, as of {}; the next run builds the days since", manifest.as_of))
    })
}
