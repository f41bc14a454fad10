//! The latest snapshot as tables to ask.

use datafusion::prelude::DataFrame;
use hachi_snapshot::{Lake, Manifest};

use super::{RunError, latest};
use crate::config::Config;
use crate::engine::{EngineError, ReadOnly};

/// A published snapshot, registered with a session that can only read it.
#[derive(Debug)]
pub struct Snapshot {
    /// Its manifest.
    pub manifest: Manifest,
    session: ReadOnly,
    // Spills of queries; removed with the snapshot.
    _scratch: tempfile::TempDir,
}

impl Snapshot {
    /// Whether `table` is part of it.
    #[must_use]
    pub fn has(&self, table: &str) -> bool {
        self.manifest.tables.iter().any(|t| t.name == table)
    }

    /// All rows of `table`.
    ///
    /// # Errors
    /// When there is no such table.
    pub async fn table(&self, table: &str) -> Result<DataFrame, EngineError> {
        self.session.table(table).await
    }

    /// Plans a person's query.
    ///
    /// # Errors
    /// When the text does not parse, changes something, or names what is not published.
    pub async fn query(&self, sql: &str) -> Result<DataFrame, EngineError> {
        self.session.query(sql).await
    }
}

/// The configured lake, whose folder is created where it is missing. The home, if it has one, is not asked yet.
///
/// # Errors
/// When the folder can't be the lake, or not the copy of this home.
pub fn lake_of(config: &Config) -> Result<Lake, RunError> {
    let lake = Lake::local(&config.lake)?;
    Ok(match &config.home {
        Some(home) => lake.with_home(home.clone())?,
        None => lake.without_home()?,
    })
}

/// Opens the configured lake, which must be there.
///
/// # Errors
/// When nothing was published yet.
pub fn open_lake(config: &Config) -> Result<Lake, RunError> {
    if config.home.is_none() && !config.lake.is_dir() {
        return Err(RunError::NothingPublished(config.lake.display().to_string()));
    }
    lake_of(config)
}

/// Opens the latest snapshot of the configured lake.
///
/// # Errors
/// When there is none, or a file is missing.
pub async fn latest_snapshot(config: &Config) -> Result<Snapshot, RunError> {
    let lake = open_lake(config)?;
    let manifest = latest_manifest(&lake).await?;
    snapshot_of(config, &lake, manifest).await
}

/// The latest manifest of the lake.
///
/// # Errors
/// When nothing was published yet.
pub async fn latest_manifest(lake: &Lake) -> Result<Manifest, RunError> {
    latest(lake).await?.ok_or_else(|| RunError::NothingPublished(lake.place()))
}

/// Opens the tables that `manifest` names in `lake`, after bringing them from its home; those without a key say so to whoever asks for
/// them.
///
/// # Errors
/// When a file is missing.
pub async fn snapshot_of(config: &Config, lake: &Lake, manifest: Manifest) -> Result<Snapshot, RunError> {
    lake.pull(&manifest).await?;
    let scratch = tempfile::tempdir().map_err(RunError::Scratch)?;
    let mut session = ReadOnly::open((config.engine, &config.keys), scratch.path(), lake.store())?;
    for table in &manifest.tables {
        if let Err(why) = config.keys.covers(table) {
            session.lock(&table.name, why);
            continue;
        }
        let paths: Vec<String> = table.files.iter().map(|f| f.path.clone()).collect();
        session.register_files(&table.name, &paths).await?;
    }
    Ok(Snapshot { manifest, session, _scratch: scratch })
}
