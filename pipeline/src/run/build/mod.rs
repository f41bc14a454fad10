//! Builds nodes: what is made from the same as last time is taken from the last snapshot, days that did not
//! change too; the rest is computed, written and checked.
//!
//! Scratch tables and views are made when something that is built reads them, and not otherwise.

mod chunks;
mod days;
mod encryption;
mod foresee;
mod keys;
mod ledger;
mod parts;
mod scratch;
mod since;
mod told;
mod whole;
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{Days, NaiveDate, Weekday};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::prelude::{DataFrame, col};
use hachi_snapshot::{Check, Column, Manifest, Table};

use super::inputs::RawInputs;
use super::{Observer, RunError};
use crate::config::{Config, WeekStart};
use crate::engine::{Engine, EngineError};
use crate::models::graph::Node;
use crate::models::{Graph, Kind, Model, Parameters, Plan, checks};
use crate::observability::StepReport;
use crate::privacy::{Ledger, SUPPRESSED, SUPPRESSED_MEANING};
use crate::publish::{Draft, FacetTable};

pub(super) use days::DayChange;
pub use foresee::{Foreseen, Outlook};

/// What a run works with, from its beginning to its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    /// The session that sees whole tables.
    pub engine: &'a Engine,
    /// Models and stages.
    pub graph: &'a Graph<'a>,
    /// What is done with each node.
    pub plan: &'a Plan,
    /// The configuration.
    pub config: &'a Config,
    /// The run's parameters.
    pub parameters: &'a Parameters,
    /// The last local day that landed whole.
    pub watermark: NaiveDate,
    /// Raw files and what changed in them.
    pub raw: &'a RawInputs,
    /// Where files go.
    pub draft: &'a Draft,
    /// The snapshot before.
    pub parent: Option<&'a Manifest>,
    /// Whether everything is built again.
    pub is_full: bool,
    /// Whether the snapshot before names members as this run does.
    pub is_same_key: bool,
}

/// Days for which rows of a week may still come late without having its models judged again.
const SETTLED_AFTER_DAYS: u64 = 7;

impl Work<'_> {
    /// The first day after the weeks that ended [`SETTLED_AFTER_DAYS`] ago or longer.
    pub fn settled_until(&self) -> NaiveDate {
        let first = match self.config.week_start {
            WeekStart::Monday => Weekday::Mon,
            WeekStart::Sunday => Weekday::Sun,
        };
        (self.watermark + Days::new(1) - Days::new(SETTLED_AFTER_DAYS)).week(first).first_day()
    }
}

/// Builds the nodes of one run; several may be built at the same time.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    /// What it works with.
    pub work: Work<'a>,
    made: Mutex<Made>,
    /// Tables that are being made on the way for whoever needs them, so that each is made once.
    turns: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Held while chunks of days keep all threads busy: two such tables at once would need twice the memory.
    all_threads: tokio::sync::Mutex<()>,
}

/// What one run has built so far.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Tables of the new snapshot, by name.
    pub tables: BTreeMap<String, Arc<Table>>,
    /// Tables kept for the next run, by name.
    pub state: BTreeMap<String, Arc<Table>>,
    /// Checks that were made.
    pub checks: Vec<Check>,
    /// What was done with each node, in the order in which they ended.
    pub steps: Vec<StepReport>,
    /// Names of what was built, in whole or in part.
    pub built: BTreeSet<String>,
    /// Tables whose files were written again without being computed, and why.
    pub rewritten: BTreeMap<String, String>,
    ledger: Ledger,
    known: BTreeSet<String>,
    keys: BTreeMap<String, String>,
    days: BTreeMap<String, DayChange>,
    scratch: BTreeMap<String, Vec<scratch::ScratchPart>>,
}

/// What became of a node.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Done {
    /// Computed and written.
    Built(Built),
    /// Taken as it was.
    Kept,
    /// Waits until something reads it.
    Waits,
}

/// What was computed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Built {
    /// Rows that were written.
    pub rows: u64,
    /// Wall time of computing them.
    pub seconds: f64,
    /// The days, for people; empty where the table has none.
    pub days: String,
    /// Whether these are not all its days.
    pub is_part: bool,
    /// Why, for people.
    pub why: String,
}

impl<'a> Builder<'a> {
    pub fn new(work: Work<'a>) -> Self {
        Self { work, made: Mutex::default(), turns: Mutex::default(), all_threads: tokio::sync::Mutex::default() }
    }

    /// What was built so far; not to be held while something is awaited.
    pub fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was built in all.
    pub fn into_made(self) -> Made {
        self.made.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever makes `table` on the way holds this.
    fn turn(&self, table: &str) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(table.to_owned()).or_default())
    }

    /// Takes `tables` of the last snapshot as they are; for who writes nothing.
    pub async fn keep(&self, tables: &[String]) -> Result<(), RunError> {
        for table in self.tables_before(tables) {
            self.made().days.insert(table.name.clone(), DayChange::none_of(table));
            self.add(table.clone()).await?;
        }
        Ok(())
    }

    /// Names `tables` of the last snapshot in the new one.
    pub async fn take_over(&self, tables: &[String]) -> Result<(), RunError> {
        for table in self.tables_before(tables) {
            self.made().days.insert(table.name.clone(), DayChange::none_of(table));
            self.name_again(table.clone()).await?;
        }
        Ok(())
    }

    fn tables_before(&self, names: &[String]) -> Vec<&'a Table> {
        self.work.parent.map(|parent| names.iter().filter_map(|name| parent.table(name)).collect()).unwrap_or_default()
    }

    /// Builds `node`, or finds that it need not be built.
    pub async fn build(&self, node: Node<'a>, observer: &Observer<'_>) -> Result<Done, RunError> {
        match node {
            Node::Stage(stage) => self.stage(stage, observer).await,
            Node::Model(model) if !model.header.kind.is_kept() => Ok(Done::Waits),
            Node::Model(model) if model.header.incremental.is_some() => self.by_day(model).await,
            Node::Model(model) => self.whole(model).await,
        }
    }

    /// Names a table in the new snapshot and makes it known.
    pub(super) async fn add(&self, table: Table) -> Result<(), RunError> {
        let paths = table.files.iter().map(|f| self.work.draft.lake().root().join(&f.path)).collect::<Vec<_>>();
        if !paths.is_empty() {
            self.work.engine.register_found(&table.name, &paths).await?;
        }
        let is_state = self.model(&table.name).is_some_and(|m| m.header.kind == Kind::State);
        let mut made = self.made();
        made.known.insert(table.name.clone());
        let place = if is_state { &mut made.state } else { &mut made.tables };
        place.insert(table.name.clone(), Arc::new(table));
        Ok(())
    }

    fn model(&self, name: &str) -> Option<&'a Model> {
        let node = self.work.graph.nodes()[self.work.graph.maker(name)?];
        if let Node::Model(model) = node { Some(model) } else { None }
    }

    fn table(&self, name: &str) -> Option<Arc<Table>> {
        let made = self.made();
        made.tables.get(name).or_else(|| made.state.get(name)).map(Arc::clone)
    }

    /// The table of the last snapshot, unless everything is built again.
    fn before(&self, name: &str) -> Option<&'a Table> {
        self.work.parent.filter(|_| !self.work.is_full).and_then(|parent| parent.table(name))
    }

    /// Makes the checks of `model` on `rows`, which are all its `total` rows or those that are new.
    async fn check(&self, model: &Model, rows: DataFrame, total: u64) -> Result<(), RunError> {
        let before = self.work.parent.and_then(|p| p.table(&model.name)).map(|t| t.rows);
        let (mut outcomes, _) = checks::of_rows(&model.name, &model.header, rows).await?;
        outcomes.extend(checks::of_table(&model.name, &model.header, total, before));
        let mut made = self.made();
        made.checks.extend(outcomes.iter().cloned());
        made.built.insert(model.name.clone());
        Ok(checks::refuse(&model.name, &outcomes)?)
    }

    /// All rows of a view, in any order.
    pub async fn rows_of_view(&self, view: &str) -> Result<Vec<RecordBatch>, RunError> {
        let rows = self.work.engine.table(view).await?;
        Ok(rows.collect().await.map_err(EngineError::query("read", view))?)
    }

    /// The rows of a table of one file, in its order, as streams that follow each other; none where the snapshot has no such table.
    pub async fn streams(&self, table: &str) -> Result<Vec<SendableRecordBatchStream>, RunError> {
        if self.made().tables.get(table).is_none_or(|table| table.files.is_empty()) {
            return Ok(Vec::new());
        }
        let rows = self.work.engine.table(table).await?;
        Ok(rows.execute_stream_partitioned().await.map_err(EngineError::query("read", table))?)
    }

    /// The rows of a table of one file, by member; none where the snapshot has no such table.
    pub async fn streams_by_member(&self, table: &str) -> Result<Vec<SendableRecordBatchStream>, RunError> {
        let is_sorted =
            self.made().tables.get(table).is_none_or(|table| table.grain.first().is_some_and(|first| first == FacetTable::MEMBER));
        let streams = self.streams(table).await?;
        if is_sorted || streams.is_empty() {
            return Ok(streams);
        }
        let rows = self.work.engine.table(table).await?;
        let rows = rows.sort(vec![col(FacetTable::MEMBER).sort(true, false)]).map_err(EngineError::query("read", table))?;
        Ok(vec![rows.execute_stream().await.map_err(EngineError::query("read", table))?])
    }

    /// All rows of `table`, by its grain; none where the snapshot has no such table.
    pub async fn rows(&self, table: &str) -> Result<Vec<RecordBatch>, RunError> {
        let Some(entry) = self.made().tables.get(table).cloned().filter(|t| !t.files.is_empty()) else { return Ok(Vec::new()) };
        let rows = self.work.engine.table(table).await?;
        if entry.files.len() == 1 {
            // A file is in order as it is.
            let parts = rows.collect_partitioned().await.map_err(EngineError::query("read", table))?;
            return Ok(parts.into_iter().flatten().collect());
        }
        let keys = entry.grain.iter().map(|c| col(c).sort(true, false)).collect();
        let rows = rows.sort(keys).map_err(EngineError::query("read", table))?;
        Ok(rows.collect().await.map_err(EngineError::query("read", table))?)
    }
}

/// What a manifest says of the columns of `schema`.
pub(super) fn columns(schema: &SchemaRef, describe: impl Fn(&str) -> String) -> Vec<Column> {
    let column = |name: &str, data_type: String| Column { name: name.to_owned(), data_type, description: describe(name) };
    schema.fields().iter().map(|f| column(f.name(), f.data_type().to_string())).collect()
}

/// A published table that is described by the header of `model`.
fn described(model: &Model, schema: &SchemaRef) -> Table {
    let describe = |column: &str| match (column, model.header.columns.get(column)) {
        (SUPPRESSED, None) => SUPPRESSED_MEANING.to_owned(),
        (_, described) => described.cloned().unwrap_or_default(),
    };
    Table {
        name: model.name.clone(),
        description: model.header.description.clone(),
        grain: model.header.grain.clone(),
        columns: columns(schema, describe),
        rows: 0,
        content_hash: String::new(),
        made_from: String::new(),
        files: Vec::new(),
    }
}

/// Shares a schema between the writers of one table.
type SharedSchema = Arc<std::sync::OnceLock<SchemaRef>>;
