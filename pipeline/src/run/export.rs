//! The raw tables as the models see them, for people and for another engine that runs the same SQL.

use std::collections::BTreeMap;
use std::path::Path;

use hachi_snapshot::Input;
use serde::Serialize;
use serde_json::json;

use super::project::raw_tables;
use super::{Project, RunError, latest_snapshot, parameters};
use crate::engine::{Engine, EngineError, Keyring};
use crate::models::kpis::AREA;
use crate::models::stages::SEGMENTS_FROM;
use crate::sources;

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

/// File of the segments: the table that they are parts of, and name → predicate.
const SEGMENTS_FILE: &str = "segments.json";

/// Folder of the models that no file of the site or of hachi holds.
const GENERATED_FOLDER: &str = "sql";

/// Writes every `raw_<table>.parquet`, and the parameters of the latest snapshot and the segments as JSON, and the generated models, into `folder`; the number of tables.
///
/// # Errors
/// When there's no snapshot, a source can't be read, or the folder not written.
pub async fn export_sources(project: &Project, folder: &Path) -> Result<usize, RunError> {
    let manifest = latest_snapshot(&project.config).await?.manifest;
    std::fs::create_dir_all(folder).map_err(EngineError::write(folder))?;
    // Without keys: what is exported is for another engine, which has none.
    let engine = Engine::open(project.config.engine, &Keyring::default(), folder)?;
    let options = project.sources_options();
    let located = project.locate(&options).await?;
    sources::register(&engine, &located, &options, 1)?;
    let tables = raw_tables();
    for table in &tables {
        // The engine's scratch folder is the export's: what it keeps is what is exported.
        engine.keep(table, engine.table(table).await?).await?;
    }
    for (name, text) in project.catalog.generated() {
        write(&folder.join(GENERATED_FOLDER).join(AREA).join(format!("{name}.sql")), text.as_bytes())?;
    }
    let watermark = manifest.watermark.ok_or(RunError::NoDays)?;
    let literals = parameters(&project.config, manifest.as_of, watermark);
    write_json(&folder.join(PARAMETERS_FILE), literals.literals())?;
    let segments: BTreeMap<_, _> = project.config.declared.segments.iter().map(|s| (&s.name, &s.predicate)).collect();
    write_json(&folder.join(SEGMENTS_FILE), &json!({ "from": SEGMENTS_FROM, "segments": segments }))?;
    Ok(tables.len())
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), EngineError> {
    let json = serde_json::to_vec_pretty(value).map_err(EngineError::write(path))?;
    write(path, &json)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(path, bytes)).map_err(EngineError::write(path))
}
