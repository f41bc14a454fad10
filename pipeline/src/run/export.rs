//! The raw tables as the models see them, for people and for another engine that runs the same SQL.

use std::path::Path;

use hachi_snapshot::Input;

use super::{Project, RunError, latest_snapshot, parameters};
use crate::domain::raw_tables::RawTable;
use crate::engine::{Engine, EngineError};
use crate::sources::{self, RAW_PREFIX};

/// File of the parameters: name → SQL literal.
const PARAMETERS_FILE: &str = "params.json";

/// Configured sources with files and rows.
///
/// # Errors
/// When one can't be opened.
pub async fn raw_sources(project: &Project) -> Result<Vec<Input>, RunError> {
    let located = project.locate(&project.sources_options()).await?;
    Ok(located.inputs())
}

/// Writes every `raw_<table>.parquet`, and the parameters of the latest snapshot, into `folder`; the number of tables.
///
/// # Errors
/// When there's no snapshot, a source can't be read, or the folder not written.
pub async fn export_sources(project: &Project, folder: &Path) -> Result<usize, RunError> {
    let manifest = latest_snapshot(&project.config).await?.manifest;
    std::fs::create_dir_all(folder).map_err(EngineError::write(folder))?;
    let engine = Engine::open(project.config.engine, folder)?;
    let options = project.sources_options();
    let located = project.locate(&options).await?;
    sources::register(&engine, &located, &options, 1)?;
    let tables: Vec<String> =
        RawTable::ALL.iter().map(|t| t.name()).chain(["quarantine", "refused"]).map(|t| format!("{RAW_PREFIX}{t}")).collect();
    for table in &tables {
        // The engine's scratch folder is the export's: what it keeps is what is exported.
        engine.keep(table, engine.table(table).await?).await?;
    }
    let watermark = manifest.watermark.ok_or(RunError::NoDays)?;
    let literals = parameters(&project.config, manifest.as_of, watermark);
    let path = folder.join(PARAMETERS_FILE);
    let json = serde_json::to_vec_pretty(literals.literals()).map_err(EngineError::write(&path))?;
    std::fs::write(&path, json).map_err(EngineError::write(&path))?;
    Ok(tables.len())
}
