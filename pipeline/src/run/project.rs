//! A site's project: its configuration, its key and its models, opened once.

use std::collections::BTreeSet;
use std::sync::Arc;

use hachi_snapshot::{PseudonymKey, erasures};
use sha2::{Digest, Sha256};

use super::RunError;
use crate::config::{Config, SourceConfig};
use crate::domain::raw_tables::RawTable;
use crate::ingest::{IngestError, finish_interrupted};
use crate::models::stages::CHECK_RESULTS;
use crate::models::{Catalog, Graph, ModelError, checks};
use crate::sources::{self, DECLARED_TABLES, Located, People, QUARANTINE_FOLDER, RAW_PREFIX, SourceSpec, SourcesOptions};

/// Everything that a run starts from.
#[derive(Debug)]
pub struct Project {
    /// The checked configuration.
    pub config: Config,
    /// Built-in and own models.
    pub catalog: Catalog,
    /// Key of the pseudonyms.
    pub key: Arc<PseudonymKey>,
    /// Who was erased, and who refuses personalisation.
    pub people: Arc<People>,
}

impl Project {
    /// Loads the models, the lists of members of `config`, and the registry of its lake.
    ///
    /// # Errors
    /// When a model, a list or the registry can't be read.
    pub fn open(config: Config, key: PseudonymKey) -> Result<Self, RunError> {
        let catalog = Catalog::load(config.models.as_deref())?;
        let registry = erasures(&config.lake, &key)?;
        let people = Arc::new(People::read(config.erased.as_deref(), config.refused.as_deref(), registry, &key)?);
        Ok(Self { config, catalog, key: Arc::new(key), people })
    }

    /// Models and stages in order.
    ///
    /// # Errors
    /// When a model reads what nothing makes, or there's a circle.
    pub fn graph(&self) -> Result<Graph<'_>, ModelError> {
        graph_of(&self.catalog)
    }

    /// Finds and checks the sources' files, after putting in place what an interrupted ingest had finished writing.
    ///
    /// # Errors
    /// When a path is missing, a file is damaged, or a column is missing or of a wrong type.
    pub async fn locate(&self, options: &SourcesOptions) -> Result<Located, RunError> {
        for (table, spec) in &options.specs {
            match finish_interrupted(*table, &spec.path, &spec.path.join(QUARANTINE_FOLDER)) {
                // One that is still running is not interrupted: what is in place is whole.
                Ok(_) | Err(IngestError::Busy { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(sources::locate(options).await?)
    }

    /// Hash (hex) of all that decides how the rows of a source are read, but for its files.
    fn read_as(&self, source: &SourceConfig) -> String {
        let rules = format!("{:?}\0{:?}\0{}", source.written, source.columns, self.config.timezone);
        hex::encode(Sha256::digest(format!("{rules}\0{}\0{}", self.key.fingerprint(), env!("CARGO_PKG_VERSION"))))
    }

    /// What the door needs to know.
    #[must_use]
    pub fn sources_options(&self) -> Arc<SourcesOptions> {
        let spec = |s: &SourceConfig| SourceSpec { path: s.path.clone(), columns: s.columns.clone(), read_as: self.read_as(s) };
        Arc::new(SourcesOptions {
            specs: self.config.sources.iter().map(|(table, source)| (*table, spec(source))).collect(),
            zone: self.config.timezone,
            access_log: Arc::new(self.config.access_log.clone()),
            key: Arc::clone(&self.key),
            people: Arc::clone(&self.people),
            declared: self.config.declared.clone(),
        })
    }
}

/// The graph of `catalog` over all raw tables.
///
/// # Errors
/// When a model reads what nothing makes, or there's a circle.
pub fn graph_of(catalog: &Catalog) -> Result<Graph<'_>, ModelError> {
    let graph = Graph::new(catalog, &raw_tables())?;
    checks::verify_references(&graph)?;
    if let Some(model) = catalog.get(CHECK_RESULTS.name) {
        let second = "the end of a run".to_owned();
        return Err(ModelError::Twice { table: model.name.clone(), first: model.file(), second });
    }
    Ok(graph)
}

/// Names of the tables that only staging reads.
pub(super) fn raw_tables() -> BTreeSet<String> {
    let tables = RawTable::ALL.into_iter().map(|t| format!("{RAW_PREFIX}{t}"));
    let others =
        DECLARED_TABLES.map(str::to_owned).into_iter().chain(["erased", "quarantine", "refused"].map(|t| format!("{RAW_PREFIX}{t}")));
    tables.chain(others).collect()
}
