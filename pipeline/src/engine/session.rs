//! Builds the session: one configuration for runs, one for people's own queries.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::config::SpillCompression;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::session_state::SessionState;
use datafusion::prelude::{DataFrame, ParquetReadOptions, SQLOptions, SessionConfig, SessionContext};
use object_store::ObjectStore;
use url::Url;

use super::decryption::read_with;
use super::{EngineError, Keyring, KeyringError};

/// Where people's queries find the lake; the local file system has no name there.
const LAKE_URL: &str = "lake:///";
/// Rows a batch; DataFusion's own choice, named because file bytes depend on it.
pub const BATCH_ROWS: usize = 8192;

/// How much of the machine the engine may use.
#[derive(Debug, Clone, Copy)]
pub struct EngineOptions {
    /// Partitions that work at the same time.
    pub threads: usize,
    /// Bytes of working memory before operators spill to disk.
    pub memory_bytes: usize,
}

/// A session for one run, with a scratch folder for tables that are computed once and not published.
pub struct Engine {
    context: SessionContext,
    scratch: PathBuf,
    partitions: usize,
    keys: Keyring,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("scratch", &self.scratch).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens a session that reads what `keys` can read, and whose spills and scratch tables live in `scratch`.
    ///
    /// # Errors
    /// When the folder can't be used.
    pub fn open(options: EngineOptions, keys: &Keyring, scratch: &Path) -> Result<Self, EngineError> {
        let runtime = runtime(options, scratch).map_err(EngineError::Open)?;
        let context = open_context((session_config(options.threads), keys), runtime);
        Ok(Self { context, scratch: scratch.to_owned(), partitions: options.threads, keys: keys.clone() })
    }

    /// A session that knows no table yet and works in `partitions` parts; memory, spills and scratch folder are shared.
    #[must_use]
    pub fn beside(&self, partitions: usize) -> Self {
        let context = open_context((session_config(partitions), &self.keys), self.context.runtime_env());
        Self { context, scratch: self.scratch.clone(), partitions, keys: self.keys.clone() }
    }

    /// Parts that work at the same time.
    #[must_use]
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    /// The keys that it reads with.
    pub(super) fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// The folder of scratch tables.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// Plans `sql` without running it.
    ///
    /// # Errors
    /// When the text does not parse or names what does not exist.
    pub async fn plan(&self, table: &str, sql: &str) -> Result<DataFrame, EngineError> {
        self.context.sql_with_options(sql, read_only()).await.map_err(EngineError::query("plan", table))
    }

    /// Makes `provider` known as `table`, replacing what had that name.
    ///
    /// # Errors
    /// When the name is not a table name.
    pub fn register(&self, table: &str, provider: Arc<dyn TableProvider>) -> Result<(), EngineError> {
        self.context.deregister_table(table).map_err(EngineError::query("register", table))?;
        self.context.register_table(table, provider).map_err(EngineError::query("register", table))?;
        Ok(())
    }

    /// Makes the Parquet files `paths` known as `table`.
    ///
    /// # Errors
    /// When a file can't be opened or has another schema.
    pub async fn register_files(&self, table: &str, paths: &[PathBuf], schema: SchemaRef) -> Result<(), EngineError> {
        let options = ParquetReadOptions::default().schema(&schema);
        let frame = self.context.read_parquet(urls(paths), options).await.map_err(EngineError::query("register", table))?;
        self.register(table, frame.into_view())
    }

    /// Makes Parquet files of an earlier run known as `table`, with the schema found in them.
    ///
    /// # Errors
    /// When a file can't be opened.
    pub async fn register_found(&self, table: &str, paths: &[PathBuf]) -> Result<(), EngineError> {
        let frame = self.context.read_parquet(urls(paths), ParquetReadOptions::default()).await;
        self.register(table, frame.map_err(EngineError::query("register", table))?.into_view())
    }

    /// A frame over Parquet files of `table`, with the schema found in them; none without files.
    ///
    /// # Errors
    /// When a file can't be opened.
    pub async fn files(&self, table: &str, paths: &[PathBuf]) -> Result<Option<DataFrame>, EngineError> {
        if paths.is_empty() {
            return Ok(None);
        }
        let frame = self.context.read_parquet(urls(paths), ParquetReadOptions::default()).await;
        Ok(Some(frame.map_err(EngineError::query("register", table))?))
    }

    /// A frame over `batches` of `schema`, which are rows of `table`.
    ///
    /// # Errors
    /// When a batch has another schema.
    pub fn rows(&self, table: &str, batches: Vec<RecordBatch>, schema: &SchemaRef) -> Result<DataFrame, EngineError> {
        let provider = MemTable::try_new(SchemaRef::clone(schema), vec![batches]).map_err(EngineError::query("register", table))?;
        self.context.read_table(Arc::new(provider)).map_err(EngineError::query("register", table))
    }

    /// A frame over the registered `table`.
    ///
    /// # Errors
    /// When there's no such table.
    pub async fn table(&self, table: &str) -> Result<DataFrame, EngineError> {
        self.context.table(table).await.map_err(EngineError::query("plan", table))
    }
}

/// A session for people's own queries: it sees the lake's files and nothing else of the machine.
pub struct ReadOnly {
    context: SessionContext,
    /// Tables that the keys at hand don't open, each with what is missing.
    locked: BTreeMap<String, KeyringError>,
}

impl fmt::Debug for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOnly").finish_non_exhaustive()
    }
}

impl ReadOnly {
    /// Opens a session over `lake` that reads what `keys` can read, with spills in `scratch`.
    ///
    /// # Errors
    /// When the folder can't be used.
    #[expect(clippy::missing_panics_doc, reason = "both URLs are constants")]
    pub fn open((options, keys): (EngineOptions, &Keyring), scratch: &Path, lake: Arc<dyn ObjectStore>) -> Result<Self, EngineError> {
        let runtime = runtime(options, scratch).map_err(EngineError::Open)?;
        let url = Url::parse(LAKE_URL).expect("the lake's URL is a constant");
        runtime.register_object_store(&url, lake);
        let local = Url::parse("file:///").expect("a constant URL");
        runtime.deregister_object_store(&local).map_err(EngineError::Open)?;
        let config = session_config(options.threads).with_information_schema(true);
        Ok(Self { context: open_context((config, keys), runtime), locked: BTreeMap::new() })
    }

    /// Says why `table` is not there, to whoever asks for it.
    pub fn lock(&mut self, table: &str, why: KeyringError) {
        self.locked.insert(table.to_owned(), why);
    }

    /// Makes files of the lake (paths relative to it) known as `table`.
    ///
    /// # Errors
    /// When a file can't be opened.
    pub async fn register_files(&self, table: &str, paths: &[String]) -> Result<(), EngineError> {
        let urls: Vec<String> = paths.iter().map(|p| format!("{LAKE_URL}{p}")).collect();
        let frame = self.context.read_parquet(urls, ParquetReadOptions::default()).await.map_err(EngineError::query("register", table))?;
        self.context.register_table(table, frame.into_view()).map_err(EngineError::query("register", table))?;
        Ok(())
    }

    /// All rows of `table`.
    ///
    /// # Errors
    /// When there is no such table, or no key to it.
    pub async fn table(&self, table: &str) -> Result<DataFrame, EngineError> {
        if let Some(why) = self.locked.get(table) {
            return Err(EngineError::Key(why.clone()));
        }
        self.context.table(table).await.map_err(EngineError::query("plan", table))
    }

    /// Plans a person's query; anything but reading is refused.
    ///
    /// # Errors
    /// When the text does not parse, changes something, or names what does not exist or can't be read.
    pub async fn query(&self, sql: &str) -> Result<DataFrame, EngineError> {
        let state = self.context.state();
        let plan = match state.create_logical_plan(sql).await {
            Ok(plan) => plan,
            Err(error) => return Err(self.locked_in(&state, sql).unwrap_or_else(|| EngineError::query("plan", "your query")(error))),
        };
        read_only().verify_plan(&plan).map_err(|e| EngineError::NotReadOnly(e.strip_backtrace()))?;
        Ok(DataFrame::new(state, plan))
    }
}

impl ReadOnly {
    /// Why the first table that `sql` names and that is locked is not there.
    fn locked_in(&self, state: &SessionState, sql: &str) -> Option<EngineError> {
        let statement = state.sql_to_statement(sql, &state.config_options().sql_parser.dialect).ok()?;
        let named = state.resolve_table_references(&statement).ok()?;
        named.iter().find_map(|table| self.locked.get(table.table())).map(|why| EngineError::Key(why.clone()))
    }
}

/// URLs, because `[` and `*` of a plain path are taken for a pattern.
fn urls(paths: &[PathBuf]) -> Vec<String> {
    let url = |path: &PathBuf| Url::from_file_path(std::path::absolute(path).ok()?).ok();
    paths.iter().filter_map(url).map(String::from).collect()
}

/// No DDL, DML or `SET`, whoever wrote the text.
fn read_only() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}

fn runtime(options: EngineOptions, scratch: &Path) -> datafusion::error::Result<Arc<RuntimeEnv>> {
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![scratch.to_owned()]));
    RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(options.memory_bytes)))
        .with_disk_manager_builder(disk)
        // The cache of file lists has no expiry: a scratch table that is written later would stay invisible.
        .with_object_list_cache_limit(0)
        .build_arc()
}

fn session_config(threads: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads)
        .with_batch_size(BATCH_ROWS)
        .with_information_schema(false)
        .with_spill_compression(SpillCompression::Lz4Frame);
    config.options_mut().execution.time_zone = Some("UTC".to_owned());
    // A view of a text keeps the whole page that it came from: a few rows of each, sorted together, would not fit in memory.
    config.options_mut().execution.parquet.schema_force_view_types = false;
    config
}

#[expect(clippy::disallowed_methods, reason = "the one door to a session")]
fn open_context((config, keys): (SessionConfig, &Keyring), runtime: Arc<RuntimeEnv>) -> SessionContext {
    let context = SessionContext::new_with_config_rt(config, runtime);
    read_with(&context, keys);
    context
}
