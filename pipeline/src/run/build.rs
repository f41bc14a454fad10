//! Builds one node after another: views are registered, scratch tables kept, published tables drafted and checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::prelude::col;
use hachi_snapshot::{Check, Column, Manifest, Table};

use super::{Observer, RunError, learn, segments};
use crate::config::Config;
use crate::engine::{Engine, EngineError};
use crate::models::graph::Node;
use crate::models::stages::SEGMENTS;
use crate::models::{Action, Kind, Model, ModelError, Parameters, Plan, checks, execute};
use crate::publish::{Draft, Written};

/// What one run has built so far.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    /// The session.
    pub engine: &'a Engine,
    /// Where files go.
    pub draft: &'a Draft,
    /// The snapshot before.
    pub parent: Option<&'a Manifest>,
    /// Tables of the new snapshot, by name.
    pub tables: BTreeMap<String, Table>,
    /// Checks that were made.
    pub checks: Vec<Check>,
}

impl<'a> Builder<'a> {
    pub fn new(engine: &'a Engine, draft: &'a Draft, parent: Option<&'a Manifest>) -> Self {
        Self { engine, draft, parent, tables: BTreeMap::new(), checks: Vec::new() }
    }

    /// Makes the last snapshot's tables that are not rebuilt known to the engine, and names them in the new one.
    pub async fn register_reused(&mut self, plan: &Plan) -> Result<(), RunError> {
        let Some(parent) = self.parent else { return Ok(()) };
        let kept = plan.steps.iter().filter(|s| s.action == Action::Reuse).flat_map(|s| &s.writes);
        for table in kept.filter_map(|name| parent.tables.iter().find(|t| t.name == *name)) {
            let paths = table.files.iter().map(|f| self.draft.lake().root().join(&f.path)).collect::<Vec<PathBuf>>();
            self.engine.register_found(&table.name, &paths).await?;
            self.tables.insert(table.name.clone(), table.clone());
        }
        Ok(())
    }

    /// Builds `node`; the number of rows, where rows were made.
    pub async fn build(
        &mut self,
        node: Node<'_>,
        parameters: &Parameters,
        config: &Config,
        observer: &Observer<'_>,
    ) -> Result<Option<u64>, RunError> {
        match node {
            Node::Stage(stage) if stage.name == SEGMENTS.name => segments::segments(self, stage, &config.declared.segments).await.map(Some),
            Node::Stage(stage) => learn::learn(self, stage, config, observer).await.map(Some),
            Node::Model(model) if model.header.kind == Kind::View => {
                execute::view(self.engine, model, parameters).await?;
                Ok(None)
            }
            Node::Model(model) => self.compute(model, parameters).await.map(Some),
        }
    }

    async fn compute(&mut self, model: &Model, parameters: &Parameters) -> Result<u64, RunError> {
        let frame = execute::plan(self.engine, model, parameters).await?;
        if model.header.kind == Kind::Scratch {
            let rows = self.engine.keep(&model.name, frame).await?;
            self.check(model).await?;
            return Ok(rows);
        }
        let stream = frame.execute_stream().await.map_err(EngineError::query("execute", &model.name))?;
        let written = self.draft.write(&model.name, stream).await?;
        let rows = written.rows;
        self.engine.register_files(&model.name, std::slice::from_ref(&written.path), written.schema.clone()).await?;
        self.check(model).await?;
        let header = &model.header;
        let describe = |column: &str| header.columns.get(column).cloned().unwrap_or_default();
        self.add(&model.name, (&header.description, &header.grain), written, describe);
        Ok(rows)
    }

    async fn check(&mut self, model: &Model) -> Result<(), ModelError> {
        let before = self.parent.and_then(|p| p.tables.iter().find(|t| t.name == model.name)).map(|t| t.rows);
        let outcomes = checks::all(&model.name, &model.header, self.engine.table(&model.name).await?, before).await?;
        self.checks.extend(outcomes.iter().cloned());
        checks::refuse(&model.name, &outcomes)
    }

    /// Names a written table in the new snapshot.
    pub fn add(&mut self, name: &str, (description, grain): (&str, &[String]), written: Written, describe: impl Fn(&str) -> String) {
        let columns = columns(&written.schema, describe);
        let table = Table {
            name: name.to_owned(),
            description: description.to_owned(),
            grain: grain.to_vec(),
            columns,
            rows: written.rows,
            content_hash: written.content_hash,
            files: vec![written.file],
        };
        self.tables.insert(name.to_owned(), table);
    }

    /// All rows of `table`, by its grain; none where the snapshot has no such table.
    pub async fn rows(&self, table: &str) -> Result<Vec<RecordBatch>, RunError> {
        let Some(entry) = self.tables.get(table) else { return Ok(Vec::new()) };
        let keys = entry.grain.iter().map(|c| col(c).sort(true, false)).collect();
        let frame = self.engine.table(table).await?.sort(keys).map_err(EngineError::query("read", table))?;
        Ok(frame.collect().await.map_err(EngineError::query("read", table))?)
    }
}

fn columns(schema: &SchemaRef, describe: impl Fn(&str) -> String) -> Vec<Column> {
    let column = |name: &str, data_type: String| Column { name: name.to_owned(), data_type, description: describe(name) };
    schema.fields().iter().map(|f| column(f.name(), f.data_type().to_string())).collect()
}
