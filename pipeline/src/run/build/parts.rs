//! Published tables that are built by day: days that changed are computed, the rest of their files is copied, and all other
//! files are named again.

use std::time::Instant;

use datafusion::prelude::{DataFrame, cast, col};
use futures::{StreamExt, TryStreamExt};
use hachi_snapshot::{FileEntry, Part, Table};

use super::chunks::{Chunk, bounds};
use super::foresee::covers;
use super::scratch::reach;
use super::windows::{filtered, meets, within};
use super::{Builder, Built, Done, RunError, SharedSchema, described};
use crate::domain::day_set::DaySet;
use crate::engine::{Engine, EngineError};
use crate::models::{Model, checks, execute};
use crate::publish::{PartsWriter, combined_hash};

/// A last file with fewer rows is written again together with the day after it, so that files don't stay small.
const SMALL_FILE_ROWS: u64 = PartsWriter::ENOUGH_ROWS / 2;

impl<'a> Builder<'a> {
    /// Builds the days of `model` that need it.
    #[expect(clippy::disallowed_methods, reason = "seconds per step are told to people and never reach a table")]
    pub(super) async fn by_day(&self, model: &'a Model) -> Result<Done, RunError> {
        let (change, made_from) = self.days_to_build(model).await?;
        let before = self.before(&model.name);
        if let (true, Some(before)) = (change.changed.is_empty(), before) {
            self.name_again(Table { made_from, ..before.clone() }).await?;
            return Ok(Done::Kept);
        }
        tracing::debug!(model = model.name, days = %change.changed, "builds days");
        let old = before.map(|t| t.files.as_slice()).unwrap_or_default();
        let (touched, untouched) = split(old, &change.changed);
        let (before_days, after_days) = reach(model);
        self.ensure_inputs(model, &change.changed.widened(before_days, after_days)).await?;
        let chunks = self.weights(model).chunks_with(&change.changed, &touched);
        let _alone = if self.fills_all_threads(&chunks) { Some(self.all_threads.lock().await) } else { None };
        let start = Instant::now();
        let (mut new, schema) = self.compute(model, chunks, &untouched).await?;
        let untouched: Vec<FileEntry> = untouched.into_iter().filter(|f| f.rows != Some(0)).collect();
        let (untouched, other_key) = self.under_todays_key(&model.name, untouched).await?;
        if untouched.is_empty() && new.is_empty() {
            new = PartsWriter::new(self.work.draft.clone(), (&model.name, ""), schema.clone(), Vec::new())
                .under(self.master_key(&model.name))
                .write_none()
                .await?;
        }
        let rows = new.iter().filter_map(|f| f.rows).sum();
        let mut table = described(model, &schema);
        table.files = in_order(untouched, new.clone());
        table.rows = table.files.iter().filter_map(|f| f.rows).sum();
        table.content_hash = combined_hash(&schema, &table.files);
        table.made_from = made_from;
        self.check_parts(model, &new, &table).await?;
        self.add(table).await?;
        let why = change.reasons.iter().cloned().chain(other_key).collect::<Vec<_>>().join("; ");
        let (seconds, is_part) = (start.elapsed().as_secs_f64(), !covers(&change.changed, &change.all));
        Ok(Done::Built(Built { rows, seconds, days: change.changed.to_string(), is_part, why }))
    }

    /// Whether so many chunks are computed one per thread.
    pub(super) fn fills_all_threads(&self, chunks: &[Chunk]) -> bool {
        chunks.len() >= self.work.engine.partitions()
    }

    async fn compute(
        &self,
        model: &'a Model,
        chunks: Vec<Chunk>,
        untouched: &[FileEntry],
    ) -> Result<(Vec<FileEntry>, datafusion::arrow::datatypes::SchemaRef), RunError> {
        let (threads, schema) = (self.work.engine.partitions(), SharedSchema::default());
        let partitions = if self.fills_all_threads(&chunks) { 1 } else { threads };
        let barriers: Vec<i32> = untouched.iter().filter_map(|f| bounds(f).map(|(first, _)| first)).collect();
        let of_chunk = |chunk| self.compute_chunk(model, chunk, (partitions, &barriers, &schema));
        let files: Vec<Vec<FileEntry>> = futures::stream::iter(chunks).map(of_chunk).buffer_unordered(threads).try_collect().await?;
        let schema = schema.get().cloned().ok_or_else(|| RunError::Stage(format!("`{}` has no day to build", model.name)))?;
        Ok((files.into_iter().flatten().collect(), schema))
    }

    async fn compute_chunk(
        &self,
        model: &'a Model,
        chunk: Chunk,
        (partitions, barriers, schema): (usize, &[i32], &SharedSchema),
    ) -> Result<Vec<FileEntry>, RunError> {
        let frame = self.chunk_frame(model, &chunk, partitions).await?;
        let day = model.header.incremental.as_ref().map(|i| i.day.clone()).unwrap_or_default();
        let stream = frame.execute_stream().await.map_err(EngineError::query("execute", &model.name))?;
        let published = crate::publish::canonical_schema(&stream.schema());
        let published = schema.get_or_init(|| published).clone();
        let writer = PartsWriter::new(self.work.draft.clone(), (&model.name, &day), published, barriers.to_vec())
            .under(self.master_key(&model.name));
        // A task of its own, so that chunks are computed at the same time.
        let written = tokio::spawn(writer.write_all(stream)).await;
        Ok(written.map_err(|e| EngineError::Stopped(model.name.clone(), e.to_string()))??)
    }

    /// The rows of a chunk in the order they are written in: by day, then as the header says.
    async fn chunk_frame(&self, model: &'a Model, chunk: &Chunk, partitions: usize) -> Result<DataFrame, RunError> {
        let planned = EngineError::query("plan", &model.name);
        let (before, after) = reach(model);
        let session = self.session(model, &chunk.days.widened(before, after), partitions).await?;
        let day = model.header.incremental.as_ref().map_or("", |i| i.day.as_str());
        let computed = execute::select(&session, model, self.work.parameters).await?;
        let mut frame = filtered(computed, within(day, &chunk.days), &model.name)?;
        if let Some(copied) = self.copied(&session, (&model.name, day), chunk, &frame).await? {
            frame = frame.union(copied).map_err(EngineError::query("plan", &model.name))?;
        }
        let others = model.header.order().filter(|c| *c != day).map(|c| col(c).sort(true, false));
        let order = std::iter::once(col(day).sort(true, true)).chain(others);
        Ok(frame.sort(order.collect()).map_err(planned)?)
    }

    /// The rows of other days in the files that the chunk touches, with the columns of `like`.
    async fn copied(
        &self,
        session: &Engine,
        (table, day): (&str, &str),
        chunk: &Chunk,
        like: &DataFrame,
    ) -> Result<Option<DataFrame>, RunError> {
        let paths: Vec<_> = chunk.copied.iter().map(|f| self.work.draft.lake().root().join(&f.path)).collect();
        let Some(files) = session.files(table, &paths).await? else { return Ok(None) };
        let columns = like.schema().fields().iter().map(|f| cast(col(f.name()), f.data_type().clone()).alias(f.name()));
        let others = !within(day, &chunk.days);
        let rows = files.filter(others.is_not_false()).and_then(|f| f.select(columns.collect::<Vec<_>>()));
        Ok(Some(rows.map_err(EngineError::query("plan", table))?))
    }

    /// Checks what was written in this run; what was written before was checked then, but for what is counted over all rows.
    async fn check_parts(&self, model: &'a Model, new: &[FileEntry], table: &Table) -> Result<(), RunError> {
        let files = if checks::needs_all_rows(&model.header) { &table.files } else { new };
        let paths: Vec<_> = files.iter().map(|f| self.work.draft.lake().root().join(&f.path)).collect();
        match self.work.engine.files(&model.name, &paths).await? {
            Some(rows) => self.check(model, rows, table.rows).await,
            None => Ok(()),
        }
    }
}

/// Files that hold changed days, or are small and just before one; and all others.
fn split(files: &[FileEntry], changed: &DaySet) -> (Vec<FileEntry>, Vec<FileEntry>) {
    let first_new = changed.days().next();
    let is_small = |f: &&FileEntry| f.rows.is_some_and(|rows| rows < SMALL_FILE_ROWS);
    let just_before = files.iter().rfind(|f| bounds(f).zip(first_new).is_some_and(|((_, last), new)| last < new)).filter(is_small);
    files.iter().cloned().partition(|f| meets(f, changed) || just_before == Some(f))
}

/// All files by their days; the rows without a day first.
fn in_order(untouched: Vec<FileEntry>, new: Vec<FileEntry>) -> Vec<FileEntry> {
    let mut files: Vec<FileEntry> = untouched.into_iter().chain(new).collect();
    files.sort_by_key(|f| f.part.as_ref().and_then(|p: &Part| p.first));
    files
}
