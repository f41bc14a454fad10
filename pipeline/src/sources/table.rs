//! Locates all configured sources, and registers every raw table with the engine: those without files are empty.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::physical_plan::streaming::PartitionStream;
use hachi_snapshot::PseudonymKey;

use super::conform::Conformer;
use super::locate::files;
use super::match_columns::match_columns;
use super::schema::{RAW_PREFIX, conformed};
use super::stream::{MatchedFile, RawPartition};
use super::{AccessLogRules, SourceError, quarantine};
use crate::domain::mapping::ColumnRule;
use crate::domain::raw_tables::RawTable;
use crate::engine::{Engine, EngineError};

/// One raw table of a site.
#[derive(Debug, Clone)]
pub struct SourceSpec {
    /// File or folder of Parquet.
    pub path: PathBuf,
    /// Canonical column → where its values come from.
    pub columns: BTreeMap<String, ColumnRule>,
}

/// What the door needs to know.
#[derive(Debug)]
pub struct SourcesOptions {
    /// Configured tables.
    pub specs: BTreeMap<RawTable, SourceSpec>,
    /// Time zone of local days.
    pub zone: Tz,
    /// How requests are read.
    pub access_log: Arc<AccessLogRules>,
    /// Key of the pseudonyms.
    pub key: Arc<PseudonymKey>,
}

impl SourcesOptions {
    pub(super) fn conformer(&self, table: RawTable) -> Conformer {
        Conformer::new(table, self.zone, Arc::clone(&self.access_log), Arc::clone(&self.key))
    }
}

/// The files of all configured tables, checked.
#[derive(Debug)]
pub struct Located {
    tables: BTreeMap<RawTable, Vec<MatchedFile>>,
    quarantined: Vec<quarantine::QuarantineFile>,
}

impl Located {
    /// Configured tables with their number of files and rows, by the footers.
    pub fn summary(&self) -> impl Iterator<Item = (RawTable, u64, u64)> + '_ {
        self.tables.iter().map(|(table, files)| (*table, files.len() as u64, files.iter().map(|f| f.file.rows()).sum()))
    }

    /// Whether anything is configured that grows by day.
    #[must_use]
    pub fn has(&self, table: RawTable) -> bool {
        self.tables.contains_key(&table)
    }

    /// Files of `table`; none where it is not configured.
    pub(super) fn files(&self, table: RawTable) -> &[MatchedFile] {
        self.tables.get(&table).map_or(&[], Vec::as_slice)
    }

    /// Latest day folder of `table` up to `last`; none where files are not in day folders.
    #[must_use]
    pub fn latest_day(&self, table: RawTable, last: NaiveDate) -> Option<NaiveDate> {
        let files = self.tables.get(&table)?;
        files.iter().filter_map(|f| f.file.day()).filter(|day| *day <= last).max()
    }
}

/// Finds and checks the files of all configured tables.
///
/// # Errors
/// When a path is missing, a file is damaged, or a column is missing or of a wrong type.
pub async fn locate(options: &SourcesOptions) -> Result<Located, SourceError> {
    let mut tables = BTreeMap::new();
    let mut quarantined = Vec::new();
    for (table, spec) in &options.specs {
        let mut matched = Vec::new();
        for file in files(table.name(), &spec.path).await? {
            let readings = match_columns(*table, &file.path, file.metadata.schema(), &spec.columns)?;
            matched.push(MatchedFile { file, readings: Arc::new(readings) });
        }
        tables.insert(*table, matched);
        quarantined.extend(quarantine::files(*table, &spec.path).await?);
    }
    Ok(Located { tables, quarantined })
}

/// Makes every `raw_<table>` and `raw_quarantine` known to the engine, each in `partitions` parts.
///
/// # Errors
/// When the engine refuses.
pub fn register(engine: &Engine, located: &Located, options: &Arc<SourcesOptions>, partitions: usize) -> Result<(), SourceError> {
    for table in RawTable::ALL {
        let files = located.tables.get(&table).cloned().unwrap_or_default();
        let name = format!("{RAW_PREFIX}{table}");
        let parts = dealt(files, partitions);
        let parts =
            parts.into_iter().map(|files| Arc::new(RawPartition::new(table, files, Arc::clone(options))) as Arc<dyn PartitionStream>);
        let provider = StreamingTable::try_new(conformed(table), parts.collect()).map_err(EngineError::query("register", &name))?;
        engine.register(&name, Arc::new(provider))?;
    }
    quarantine::register(engine, &located.quarantined)
}

/// Files dealt out so that each part gets about as many rows; at least one part.
fn dealt(mut files: Vec<MatchedFile>, partitions: usize) -> Vec<Vec<MatchedFile>> {
    files.sort_by_key(|f| std::cmp::Reverse(f.file.rows()));
    let mut parts: Vec<(u64, Vec<MatchedFile>)> = vec![(0, Vec::new()); partitions.max(1)];
    for file in files {
        if let Some((rows, part)) = parts.iter_mut().min_by_key(|(rows, _)| *rows) {
            *rows += file.file.rows();
            part.push(file);
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}
