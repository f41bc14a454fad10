//! Locates all configured sources, and registers every raw table with the engine: those without files are empty.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use hachi_snapshot::{Input, PseudonymKey};

use super::conform::Conformer;
use super::days::{FileDays, RawDays, TableDays};
use super::footprint::{Known, footprint};
use super::locate::{LocatedFile, files};
use super::match_columns::match_columns;
use super::provider::RawTableProvider;
use super::stream::MatchedFile;
use super::{AccessLogRules, People, SourceError, declared, people, quarantine};
use crate::domain::day_set::DaySet;
use crate::domain::declared::Declared;
use crate::domain::mapping::ColumnRule;
use crate::domain::raw_tables::{RAW_PREFIX, RawTable};
use crate::engine::Engine;

/// One raw table of a site.
#[derive(Debug, Clone)]
pub struct SourceSpec {
    /// File or folder of Parquet.
    pub path: PathBuf,
    /// Canonical column → where its values come from, in files that are not canonical by their own word.
    pub columns: BTreeMap<String, ColumnRule>,
    /// Hash (hex) of all that decides how its rows are read.
    pub read_as: String,
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
    /// Who was erased, and who refuses personalisation.
    pub people: Arc<People>,
    /// What the site declares of itself.
    pub declared: Declared,
}

impl SourcesOptions {
    pub(super) fn conformer(&self, table: RawTable, wanted: SchemaRef) -> Conformer {
        let conformer = Conformer::new(table, wanted, self.zone, Arc::clone(&self.access_log), Arc::clone(&self.key));
        conformer.forgetting(Arc::clone(&self.people), &self.key)
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
    #[must_use]
    pub fn inputs(&self) -> Vec<Input> {
        let rows = |files: &[MatchedFile]| files.iter().map(|f| f.file.rows()).sum();
        let input = |(table, files): (&RawTable, &Vec<MatchedFile>)| Input {
            source: table.name().to_owned(),
            files: files.len() as u64,
            rows: rows(files),
        };
        self.tables.iter().map(input).collect()
    }

    /// Columns of all configured tables, as the first file of each has them.
    #[must_use]
    pub fn schemas(&self) -> BTreeMap<String, SchemaRef> {
        let schema = |(table, files): (&RawTable, &Vec<MatchedFile>)| {
            Some((table.name().to_owned(), Arc::clone(files.first()?.file.metadata.schema())))
        };
        self.tables.iter().filter_map(schema).collect()
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

    /// What each table holds of each day; files that are as `before` saw them are not read.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn days(&self, options: &SourcesOptions, before: &RawDays, as_of: DateTime<Utc>) -> Result<RawDays, SourceError> {
        let erased = options.people.erased_fingerprint(&options.key);
        let mut tables = BTreeMap::new();
        for (table, files) in &self.tables {
            let read_as = options.specs.get(table).map(|spec| spec.read_as.clone()).unwrap_or_default();
            let known = before.tables.get(table.name()).filter(|known| known.read_as == read_as);
            let has_same_erased = known.is_some_and(|known| known.erased == erased);
            let known: BTreeMap<&str, &FileDays> = known.iter().flat_map(|t| &t.files).map(|f| (f.name.as_str(), f)).collect();
            let known = |name: &str| known.get(name).map(|file| Known { file, has_same_erased });
            let days = files.iter().map(|f| footprint(*table, f, known(&f.file.name), options));
            let files = days.collect::<Result<Vec<_>, _>>()?;
            tables.insert(table.name().to_owned(), TableDays { read_as, erased: erased.clone(), as_of, files });
        }
        Ok(RawDays { tables })
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
        let refused = quarantine::files(*table, &spec.path).await?;
        let found = match files(table.name(), &spec.path).await {
            // All lines were quarantined: they still count as read and rejected.
            Err(SourceError::NoFiles { .. }) if !refused.is_empty() => Vec::new(),
            found => found?,
        };
        quarantined.extend(refused);
        tables.insert(*table, matched(*table, found, spec)?);
    }
    Ok(Located { tables, quarantined })
}

/// Makes the rows of `days` of the raw table `name` (with its prefix) known to the engine; `known` tells the days of its files.
///
/// # Errors
/// When the engine refuses.
pub fn register_days(
    engine: &Engine,
    (located, options): (&Located, &Arc<SourcesOptions>),
    (table, known): (RawTable, &RawDays),
    days: &DaySet,
) -> Result<(), SourceError> {
    let held: BTreeMap<&str, DaySet> = known.tables.get(table.name()).iter().flat_map(|t| &t.files).map(held_days).collect();
    let wanted = |f: &&MatchedFile| held.get(f.file.name.as_str()).is_none_or(|held| held.any_of(days));
    let files = located.files(table).iter().filter(wanted).cloned().collect();
    let provider = RawTableProvider::new(table, files, Arc::clone(options), engine.partitions()).within(days.clone());
    Ok(engine.register(&format!("{RAW_PREFIX}{table}"), Arc::new(provider))?)
}

fn held_days(file: &FileDays) -> (&str, DaySet) {
    (file.name.as_str(), file.days.iter().map(|(day, _)| *day).collect())
}

fn matched(table: RawTable, found: Vec<LocatedFile>, spec: &SourceSpec) -> Result<Vec<MatchedFile>, SourceError> {
    let applied = BTreeMap::new();
    let matched = found.into_iter().map(|file| {
        // What `ingest` wrote has been through the rules.
        let rules = if file.is_canonical() { &applied } else { &spec.columns };
        let readings = Arc::new(match_columns(table, &file.path, file.metadata.schema(), rules)?);
        Ok(MatchedFile { file, readings })
    });
    matched.collect()
}

/// Makes every `raw_<table>`, `raw_quarantine`, `raw_refused`, `raw_erased` and what is declared known to the engine, each in `partitions` parts.
///
/// # Errors
/// When the engine refuses.
pub fn register(engine: &Engine, located: &Located, options: &Arc<SourcesOptions>, partitions: usize) -> Result<(), SourceError> {
    for table in RawTable::ALL {
        let files = located.tables.get(&table).cloned().unwrap_or_default();
        let provider = RawTableProvider::new(table, files, Arc::clone(options), partitions);
        engine.register(&format!("{RAW_PREFIX}{table}"), Arc::new(provider))?;
    }
    declared::register(engine, &options.declared)?;
    people::register(engine, &options.people, &options.key)?;
    quarantine::register(engine, &located.quarantined)
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use parquet::arrow::ArrowWriter;
    use parquet::file::metadata::KeyValue;
    use parquet::file::properties::WriterProperties;

    use super::*;
    use crate::domain::raw_tables::{COLUMNS_CANONICAL, COLUMNS_KEY};
    use crate::sources::match_columns::Reading;

    /// The factor on `rating` in a file with this word on its columns, where a rule names the canonical column.
    fn scale(word: Option<&str>) -> Option<f64> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("part-0.parquet");
        let mark = word.map(|word| vec![KeyValue::new(COLUMNS_KEY.to_owned(), word.to_owned())]);
        let properties = WriterProperties::builder().set_key_value_metadata(mark).build();
        let file = File::create(&path).expect("a file");
        ArrowWriter::try_new(file, RawTable::Ratings.schema(), Some(properties)).and_then(ArrowWriter::close).expect("Parquet");
        let rule = ColumnRule::From { name: "rating".to_owned(), format: None, scale: Some(0.5) };
        let spec = SourceSpec { path: path.clone(), columns: BTreeMap::from([("rating".to_owned(), rule)]), read_as: String::new() };
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let found = runtime.block_on(files("ratings", &path)).expect("one file");
        let matched = matched(RawTable::Ratings, found, &spec).expect("all columns");
        match &matched[0].readings[2] {
            Reading::Column(column) => column.scale,
            other => panic!("`rating` is {other:?}"),
        }
    }

    #[test]
    fn rules_hold_for_files_that_are_not_canonical() {
        assert_eq!(scale(Some(COLUMNS_CANONICAL)), None);
        assert_eq!((scale(None), scale(Some("other"))), (Some(0.5), Some(0.5)));
    }
}
