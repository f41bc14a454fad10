//! `hachi sources`: the raw tables as the models see them, after mapping, routes and pseudonyms.

use std::path::{Path, PathBuf};

use super::{open, output};
use crate::run::{export_sources, raw_sources};

/// Arguments of `hachi sources`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Write each raw table as Parquet, and the run's parameters and segments as JSON, into this folder, for another engine to read
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// With `--export`: the snapshot whose moment the parameters are for comes from this lake; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
}

/// Lists the sources, or exports them.
pub fn sources(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let project = open::project(open::config(config, arguments.lake.as_deref(), None)?)?;
    open::block_on(project.config.engine.threads, async {
        if let Some(folder) = &arguments.export {
            let tables = export_sources(&project, folder).await?;
            output::print(format_args!("wrote {tables} raw tables, params.json and segments.json to {}", folder.display()))?;
            return Ok(());
        }
        let rows = raw_sources(&project).await?.into_iter().map(|s| vec![s.source, s.files.to_string(), output::thousands(s.rows)]);
        output::print(format_args!("{}", output::table(&["source", "files", "rows"], rows.collect(), &[1, 2])))?;
        Ok(())
    })
}
