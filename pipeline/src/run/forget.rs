//! What a snapshot holds of members, found by their pseudonyms: before they are forgotten, and after, when it must be nothing.

use std::collections::{BTreeMap, HashMap};

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, ident, lit};
use datafusion::prelude::DataFrame;
use futures::TryStreamExt;
use hachi_snapshot::{Erasure, Lake, Manifest, Pseudonym, ServeReader, Table};

use super::{Project, RunError};
use crate::engine::{Engine, EngineError};
use crate::publish::PublishError;

/// What is held of some members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Rows that name one of them, by table, published or kept for the next run; tables without such rows are left out.
    pub tables: BTreeMap<String, u64>,
    /// How many of them the sidecar has a list for.
    pub lists: u64,
    /// Of each of them, in the order of the question.
    pub members: Vec<HeldOfMember>,
}

/// What is held of one member.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldOfMember {
    /// Tables with a row that names the member.
    pub tables: u64,
    /// These rows.
    pub rows: u64,
}

impl Held {
    /// Nothing of so many members.
    #[must_use]
    pub fn nothing(members: usize) -> Self {
        Self { members: vec![HeldOfMember::default(); members], ..Self::default() }
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.tables.is_empty() && self.lists == 0
    }
}

/// What `manifest` holds of `members`: every text of every table is compared, and the sidecar's lists are looked up.
///
/// # Errors
/// When a file can't be read.
pub async fn held(project: &Project, lake: &Lake, manifest: &Manifest, members: &[Pseudonym]) -> Result<Held, RunError> {
    lake.pull(manifest).await?;
    let scratch = tempfile::tempdir().map_err(RunError::Scratch)?;
    let engine = Engine::open(project.config.engine, &project.config.keys, scratch.path())?;
    let places: HashMap<String, usize> = members.iter().enumerate().map(|(at, member)| (member.to_string(), at)).collect();
    let mut held = Held::nothing(members.len());
    for table in manifest.tables.iter().chain(&manifest.state) {
        project.config.keys.covers(table)?;
        let Some(frame) = naming(&engine, lake, table, members).await? else { continue };
        let mut rows = frame.execute_stream().await.map_err(EngineError::query("execute", &table.name))?;
        let mut of_members = vec![0; members.len()];
        let mut of_table = 0;
        while let Some(batch) = rows.try_next().await.map_err(EngineError::query("execute", &table.name))? {
            of_table += batch.num_rows() as u64;
            count(&batch, &places, &mut of_members);
        }
        if of_table > 0 {
            held.tables.insert(table.name.clone(), of_table);
        }
        for (member, rows) in held.members.iter_mut().zip(of_members) {
            member.rows += rows;
            member.tables += u64::from(rows > 0);
        }
    }
    held.lists = lists(lake, manifest, members)?;
    Ok(held)
}

/// Registers members whom `held` was found of, each with its proof; the run after it, and every later one, rejects their rows.
///
/// # Errors
/// When the registry can't be written.
pub async fn register_erased(project: &Project, lake: &Lake, held: &Held, erasures: Vec<Erasure>) -> Result<(), RunError> {
    for (erasure, of) in erasures.into_iter().zip(&held.members) {
        lake.erase(&Erasure { tables: of.tables, rows: of.rows, ..erasure }, &project.key).await?;
    }
    Ok(())
}

/// The texts of the rows of `table` in which one of `members` stands; none where it has no rows or no texts.
async fn naming(engine: &Engine, lake: &Lake, table: &Table, members: &[Pseudonym]) -> Result<Option<DataFrame>, RunError> {
    let failed = || EngineError::query("plan", &table.name);
    let paths = table.files.iter().map(|file| lake.file(&file.path)).collect::<Result<Vec<_>, _>>().map_err(PublishError::from)?;
    let Some(frame) = engine.files(&table.name, &paths).await? else { return Ok(None) };
    let fields = frame.schema().fields().iter().filter(|field| is_text(field.data_type()));
    let texts: Vec<Expr> = fields.map(|field| ident(field.name())).collect();
    let names: Vec<Expr> = members.iter().map(|member| lit(member.to_string())).collect();
    let Some(any) = texts.iter().map(|text| text.clone().in_list(names.clone(), false)).reduce(Expr::or) else { return Ok(None) };
    Ok(Some(frame.filter(any).and_then(|frame| frame.select(texts)).map_err(failed())?))
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Adds to each member the rows that name it, once a row.
fn count(batch: &RecordBatch, places: &HashMap<String, usize>, rows_of: &mut [u64]) {
    let texts: Vec<_> = batch.columns().iter().filter_map(|column| column.as_string_opt::<i32>()).collect();
    for row in 0..batch.num_rows() {
        let mut named: Vec<usize> = texts.iter().filter_map(|text| places.get(text.value(row)).copied()).collect();
        named.sort_unstable();
        named.dedup();
        named.into_iter().for_each(|member| rows_of[member] += 1);
    }
}

/// Of how many members the sidecar's file has a list, or anything else.
fn lists(lake: &Lake, manifest: &Manifest, members: &[Pseudonym]) -> Result<u64, RunError> {
    let mut lists = 0;
    for file in &manifest.serve {
        let reader = ServeReader::open(lake.file(&file.path).map_err(PublishError::from)?)?;
        for member in members {
            lists += u64::from(reader.knows(member)?);
        }
    }
    Ok(lists)
}
