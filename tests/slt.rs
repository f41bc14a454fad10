//! Every `sql/**/*.slt` on hachi's own engine: given rows, a model built over them, expected rows.
//!
//! Besides queries, a file has two statements. `create table X as select …` puts given rows in the place of the raw table or
//! model X. `build X with k = literal, …` computes X and every model it needs that was not replaced, all other parameters
//! being [`DEFAULTS`], and runs the checks of X's header. Before the first statement all raw tables are there and empty.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono_tz::Tz;
use datafusion::catalog::MemTable;
use datafusion::prelude::DataFrame;
use hachi::domain::declared::Declared;
use hachi::engine::{Engine, EngineError, EngineOptions, Keyring};
use hachi::models::{Catalog, Kind, Model, ModelError, Parameters, checks, execute};
use hachi::sources::{self, AccessLogRules, SourcesOptions};
use hachi_snapshot::PseudonymKey;
use regex::Regex;
use sqllogictest::{DBOutput, DefaultColumnType, Runner, strict_column_validator};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::files;
use crate::programs::root;

/// What a parameter is where a `build` does not say it.
const DEFAULTS: [(&str, &str); 18] = [
    ("as_of", "timestamptz '2024-02-01T00:00:00Z'"),
    ("as_of_date", "date '2024-01-31'"),
    ("dwell_hour", "cast(2 as double)"),
    ("end_any", "false"),
    ("end_kinds", "'unregister'"),
    ("gone_after_days", "30"),
    ("half_life_days", "cast(30 as double)"),
    ("min_group", "5"),
    ("rating_max", "cast(5 as double)"),
    ("rating_min", "cast(1 as double)"),
    ("return_any", "true"),
    ("return_kinds", "''"),
    ("session_gap_s", "1800"),
    ("start_any", "true"),
    ("start_kinds", "''"),
    ("watermark", "date '2024-01-31'"),
    ("watermark_end", "timestamptz '2024-02-01T00:00:00Z'"),
    ("week_shift", "0"),
];
/// Parameters that a `build` writes without their type.
const DOUBLES: [&str; 4] = ["dwell_hour", "half_life_days", "rating_max", "rating_min"];
const OPTIONS: EngineOptions = EngineOptions { threads: 2, memory_bytes: 256 << 20 };

#[test]
fn activity() {
    check("activity");
}

#[test]
fn kpis() {
    check("kpis");
}

#[test]
fn recommend() {
    check("recommend");
}

#[test]
fn retention() {
    check("retention");
}

#[test]
fn staging() {
    check("staging");
}

/// Areas run beside each other, so each is a test of its own; the others are found here.
#[test]
fn other_areas() {
    let own = ["activity", "kpis", "recommend", "retention", "staging"];
    let folders = std::fs::read_dir(root().join("sql")).expect("the models").flatten();
    let areas = folders.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().to_string_lossy().into_owned());
    areas.filter(|area| !own.contains(&area.as_str())).for_each(|area| check(&area));
}

/// Runs the files of one area, all of them even where some fail.
fn check(area: &str) {
    let folder = root().join("sql").join(area);
    let catalog = Arc::new(Catalog::load(Some(&root().join("sql"))).expect("sound models"));
    let is_test = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "slt");
    let failures: Vec<String> =
        files::below(&folder).iter().filter(|p| is_test(p)).filter_map(|p| run(&folder.join(p), &catalog)).collect();
    assert!(failures.is_empty(), "{} of {area}'s files fail:\n\n{}", failures.len(), failures.join("\n"));
}

/// Runs one file; what is wrong, if anything.
fn run(file: &Path, catalog: &Arc<Catalog>) -> Option<String> {
    let mut runner = Runner::new(|| async { Ok(Session::open(Arc::clone(catalog))) });
    runner.with_column_validator(strict_column_validator);
    runner.run_file(file).err().map(|error| error.display(false).to_string())
}

/// Why a statement failed, with all causes.
#[derive(Debug)]
struct Failure(String);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Failure {
        with_causes(&error)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        with_causes(&error)
    }
}

fn with_causes(error: &dyn std::error::Error) -> Failure {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    Failure(std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": "))
}

/// One file's engine, and which tables were replaced.
struct Session {
    engine: Engine,
    catalog: Arc<Catalog>,
    replaced: BTreeSet<String>,
    runtime: Runtime,
    _scratch: TempDir,
}

impl sqllogictest::DB for Session {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let runtime = self.runtime.handle().clone();
        runtime.block_on(self.statement(sql.trim()))
    }

    fn engine_name(&self) -> &'static str {
        "hachi"
    }
}

impl Session {
    fn open(catalog: Arc<Catalog>) -> Session {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(OPTIONS.threads).enable_all().build();
        let runtime = runtime.expect("a runtime starts");
        let scratch = tempfile::tempdir().expect("a writable folder");
        let engine = Engine::open(OPTIONS, &Keyring::default(), scratch.path()).expect("an engine opens");
        let session = Session { engine, catalog, replaced: BTreeSet::new(), runtime, _scratch: scratch };
        session.runtime.block_on(session.register_raw());
        session
    }

    /// The site that has nothing.
    async fn register_raw(&self) {
        let options = Arc::new(SourcesOptions {
            specs: BTreeMap::new(),
            zone: Tz::UTC,
            access_log: Arc::new(AccessLogRules::default()),
            key: Arc::new(PseudonymKey::new([0; 32])),
            people: Arc::default(),
            declared: Declared::default(),
        });
        let located = sources::locate(&options).await.expect("nothing to locate");
        sources::register(&self.engine, &located, &options, 1).expect("raw tables register");
    }

    async fn statement(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        if let Some(asked) = sql.strip_prefix("build ") {
            let (name, parameters) = build_statement(asked)?;
            self.build(name, &parameters).await?;
            return Ok(DBOutput::StatementComplete(0));
        }
        let given = Regex::new(r"^create table (\w+) as\s").expect("a regular expression");
        if let Some(found) = given.captures(sql) {
            let table = found[1].to_owned();
            self.keep(&table, self.engine.plan(&table, &sql[found[0].len()..]).await?).await?;
            self.replaced.insert(table);
            return Ok(DBOutput::StatementComplete(0));
        }
        rows(self.engine.plan("query", sql).await?).await
    }

    async fn build(&self, name: &str, parameters: &Parameters) -> Result<(), Failure> {
        let wanted = self.model(name)?;
        let mut order = Vec::new();
        self.upstream(wanted, &mut order);
        for model in order {
            if model.header.kind == Kind::View {
                execute::view(&self.engine, model, parameters).await?;
            } else {
                self.keep(&model.name, execute::plan(&self.engine, model, parameters).await?).await?;
            }
        }
        let outcomes = checks::all(name, &wanted.header, self.engine.table(name).await?, None).await?;
        Ok(checks::refuse(name, &outcomes)?)
    }

    fn model(&self, name: &str) -> Result<&Model, Failure> {
        self.catalog.get(name).ok_or_else(|| Failure(format!("there is no model `{name}`")))
    }

    /// `model` after everything it reads, without what was replaced; `model` itself is never taken as replaced.
    fn upstream<'a>(&'a self, model: &'a Model, order: &mut Vec<&'a Model>) {
        for read in model.reads.iter().filter(|read| !self.replaced.contains(*read)) {
            let known = order.iter().any(|done| done.name == *read);
            if let (false, Some(needed)) = (known, self.catalog.get(read)) {
                self.upstream(needed, order);
            }
        }
        order.push(model);
    }

    /// Computes a frame and makes it known as `table`.
    async fn keep(&self, table: &str, frame: DataFrame) -> Result<(), Failure> {
        let schema = Arc::new(frame.schema().as_arrow().clone());
        let batches = frame.collect().await.map_err(EngineError::query("execute", table))?;
        let schema = batches.first().map_or(schema, RecordBatch::schema);
        let provider = MemTable::try_new(schema, vec![batches]).map_err(EngineError::query("register", table))?;
        Ok(self.engine.register(table, Arc::new(provider))?)
    }
}

/// `NAME with k = literal, …` → its name and all parameters.
fn build_statement(asked: &str) -> Result<(&str, Parameters), Failure> {
    let (name, given) = asked.split_once(" with ").unwrap_or((asked, ""));
    let mut parameters = Parameters::new(DEFAULTS.map(|(name, literal)| (name.to_owned(), literal.to_owned())).into());
    for pair in given.split(',').filter(|pair| !pair.trim().is_empty()) {
        let (parameter, literal) = pair.split_once('=').ok_or_else(|| Failure(format!("`{pair}` is not `parameter = literal`")))?;
        let (parameter, literal) = (parameter.trim(), literal.trim());
        if !DEFAULTS.iter().any(|(known, _)| *known == parameter) {
            return Err(Failure(format!("there is no parameter `{parameter}`")));
        }
        let is_double = DOUBLES.contains(&parameter);
        parameters.set(parameter, &if is_double { format!("cast({literal} as double)") } else { literal.to_owned() });
    }
    Ok((name.trim(), parameters))
}

async fn rows(frame: DataFrame) -> Result<DBOutput<DefaultColumnType>, Failure> {
    let types: Vec<_> = frame.schema().fields().iter().map(|field| column_type(field.data_type())).collect();
    let batches = frame.collect().await.map_err(EngineError::query("execute", "query"))?;
    let options = FormatOptions::default().with_null("NULL");
    let mut rows = Vec::new();
    for batch in &batches {
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(|error| with_causes(&error))?;
        let row = |row| columns.iter().zip(&types).map(|(column, kind)| cell(&column.value(row).to_string(), kind)).collect();
        rows.extend((0..batch.num_rows()).map(row));
    }
    Ok(DBOutput::Rows { types, rows })
}

/// As sqllogictest files write it: empty text would vanish between blanks, and doubles are written as Rust's `{}` does.
fn cell(text: &str, kind: &DefaultColumnType) -> String {
    match (kind, text.parse::<f64>()) {
        (DefaultColumnType::FloatingPoint, Ok(number)) => number.to_string(),
        _ if text.is_empty() => "(empty)".to_owned(),
        _ => text.to_owned(),
    }
}

fn column_type(data_type: &DataType) -> DefaultColumnType {
    match data_type {
        kind if kind.is_integer() => DefaultColumnType::Integer,
        kind if kind.is_floating() => DefaultColumnType::FloatingPoint,
        _ => DefaultColumnType::Text,
    }
}
