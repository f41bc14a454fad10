//! Tables that are built whole: nothing is done where they are made from the same as last time.

use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::DataFrame;
use futures::StreamExt;
use hachi_snapshot::Table;

use super::{Builder, Built, Done, Observer, RunError, described};
use crate::engine::EngineError;
use crate::models::graph::Node;
use crate::models::stages::{EVALUATE, SEGMENTS, Stage};
use crate::models::{Model, execute};
use crate::privacy::{self, Before, Rules};
use crate::publish::{PublishError, canonical_batch, canonical_schema};
use crate::run::{evaluate, learn, segments};

impl<'a> Builder<'a> {
    /// Builds the table of `model`, unless the last snapshot's is made from the same.
    #[expect(clippy::disallowed_methods, reason = "seconds per step are told to people and never reach a table")]
    pub(super) async fn whole(&self, model: &'a Model) -> Result<Done, RunError> {
        if let Some(before) = self.waits_for_its_readers(model) {
            self.name_again(before.clone()).await?;
            return Ok(Done::Kept);
        }
        self.note_since(model).await?;
        let key = self.key_of_model(model).await?;
        if let Some(before) = self.before(&model.name).filter(|before| before.made_from == key) {
            self.name_again(before.clone()).await?;
            return Ok(Done::Kept);
        }
        let why = self.why_whole(self.before(&model.name), &model.reads.iter().map(String::as_str).collect::<Vec<_>>());
        for input in &model.reads {
            self.ensure(input).await?;
        }
        let start = Instant::now();
        let frame = execute::plan(self.work.engine, model, self.work.parameters).await?;
        let rows = self.write(model, frame, key).await?;
        Ok(Done::Built(Built { rows, seconds: start.elapsed().as_secs_f64(), why, ..Built::default() }))
    }

    async fn write(&self, model: &'a Model, frame: DataFrame, key: String) -> Result<u64, RunError> {
        let schema = canonical_schema(frame.schema().as_arrow());
        let is_protected = model.header.privacy.is_some();
        let stream = match Rules::new(&model.name, &model.header, &schema)? {
            Some(rules) => self.released(model, frame, &rules).await?,
            None => frame.execute_stream().await.map_err(EngineError::query("execute", &model.name))?,
        };
        let written = self.work.draft.write((&model.name, self.master_key(&model.name)), stream).await?;
        let rows = written.rows;
        let mut table = described(model, &written.schema);
        (table.rows, table.content_hash, table.made_from, table.files) = (rows, written.content_hash, key, vec![written.file]);
        self.add(table).await?;
        if !is_protected {
            self.check(model, self.work.engine.table(&model.name).await?, rows).await?;
        }
        Ok(rows)
    }

    /// The rows of `frame`, checked as they are, and then without what they would tell of few members.
    async fn released(&self, model: &'a Model, frame: DataFrame, rules: &Rules) -> Result<SendableRecordBatchStream, RunError> {
        let table = model.name.as_str();
        let batches = frame.collect().await.map_err(EngineError::query("execute", table))?;
        let convert = |source| PublishError::Convert { table: table.to_owned(), source };
        let exact =
            batches.iter().map(|batch| canonical_batch(batch, rules.exact_schema())).collect::<Result<Vec<_>, _>>().map_err(convert)?;
        let rows = exact.iter().map(|batch| batch.num_rows() as u64).sum();
        self.check(model, self.work.engine.rows(table, exact.clone(), rules.exact_schema())?, rows).await?;
        let before = self.released_before(table).await?;
        let hidden = self.made().ledger.of(table);
        let before = before.as_deref().map(|rows| Before { rows, hidden: &hidden });
        let released = privacy::release(rules, &exact, u64::from(self.work.config.min_group), before)?;
        self.made().ledger.put(table, released.hidden);
        let batches = futures::stream::iter(released.batches.into_iter().map(Ok)).boxed();
        Ok(Box::pin(RecordBatchStreamAdapter::new(rules.released_schema(), batches)))
    }

    /// What the last snapshot showed of `table`.
    async fn released_before(&self, table: &str) -> Result<Option<Vec<RecordBatch>>, RunError> {
        let Some(before) = self.work.parent.and_then(|parent| parent.table(table)) else { return Ok(None) };
        self.read(before).await.map(Some)
    }

    /// All rows of a table of the last snapshot.
    pub(super) async fn read(&self, table: &Table) -> Result<Vec<RecordBatch>, RunError> {
        match self.rows_before(table).await? {
            Some(frame) => Ok(frame.collect().await.map_err(EngineError::query("read", &table.name))?),
            None => Ok(Vec::new()),
        }
    }

    /// A frame over a table of the last snapshot; none where it has no files.
    pub(in crate::run) async fn rows_before(&self, table: &Table) -> Result<Option<DataFrame>, RunError> {
        let paths: Vec<_> = table.files.iter().map(|f| self.work.draft.lake().root().join(&f.path)).collect();
        Ok(self.work.engine.files(&table.name, &paths).await?)
    }

    /// All rows that the last snapshot had of `table`, even where everything is built again; none where it names members otherwise, so
    /// that nothing of it can be kept.
    pub(in crate::run) async fn read_before(&self, table: &str) -> Result<Vec<RecordBatch>, RunError> {
        match self.work.parent.filter(|_| self.work.is_same_key).and_then(|parent| parent.table(table)) {
            Some(before) => self.read(before).await,
            None => Ok(Vec::new()),
        }
    }

    /// Runs a stage, unless its tables were made from the same.
    #[expect(clippy::disallowed_methods, reason = "seconds per step are told to people and never reach a table")]
    pub(super) async fn stage(&self, stage: &'static Stage, observer: &Observer<'_>) -> Result<Done, RunError> {
        let key = self.key_of_stage(stage).await?;
        let before: Vec<_> = stage.writes.iter().filter_map(|t| self.before(t.name)).filter(|t| t.made_from == key).cloned().collect();
        if before.len() == stage.writes.len() && !self.has_other_days(stage) {
            for table in before {
                self.name_again(table).await?;
            }
            return Ok(Done::Kept);
        }
        let counted: Vec<&str> = stage.reads.iter().copied().filter(|input| self.counts_in(stage, input)).collect();
        let before = stage.writes.iter().map(|t| self.before(t.name)).collect::<Option<Vec<_>>>();
        let why = self.why_whole(before.and_then(|tables| tables.first().copied()), &counted);
        self.made().built.extend(stage.writes.iter().map(|t| t.name.to_owned()));
        for input in stage.reads {
            self.ensure(input).await?;
        }
        let start = Instant::now();
        let rows = match stage.name {
            name if name == SEGMENTS.name => segments::segments(self, stage, &key).await?,
            name if name == EVALUATE.name => evaluate::evaluate(self, stage, &key).await?,
            _ => learn::learn(self, stage, (&key, observer)).await?,
        };
        Ok(Done::Built(Built { rows, seconds: start.elapsed().as_secs_f64(), why, ..Built::default() }))
    }

    /// Makes `table` known to the session of whole tables: scratch tables are computed, views planned, where nobody has yet.
    #[expect(clippy::disallowed_methods, reason = "seconds per step are told to people and never reach a table")]
    pub(super) async fn ensure(&self, table: &str) -> Result<(), RunError> {
        let Some(model) = self.model(table).filter(|m| !m.header.kind.is_kept()) else { return Ok(()) };
        let turn = self.turn(table);
        let _turn = turn.lock().await;
        if self.made().known.contains(table) {
            return Ok(());
        }
        for input in &model.reads {
            Box::pin(self.ensure(input)).await?;
        }
        if model.header.kind.is_view() {
            execute::view(self.work.engine, model, self.work.parameters).await?;
        } else {
            let start = Instant::now();
            let frame = execute::plan(self.work.engine, model, self.work.parameters).await?;
            let rows = self.work.engine.keep(&model.name, frame).await?;
            self.check(model, self.work.engine.table(&model.name).await?, rows).await?;
            self.built(Node::Model(model), Built { rows, seconds: start.elapsed().as_secs_f64(), ..Built::default() });
        }
        self.made().known.insert(table.to_owned());
        Ok(())
    }
}
