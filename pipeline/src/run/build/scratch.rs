//! Scratch tables that are built by day: only the days that something needs are computed, each once in a run.

use std::path::PathBuf;
use std::time::Instant;

use futures::{StreamExt, TryStreamExt};

use super::chunks::{Chunk, Weights};
use super::foresee::covers;
use super::windows::{filtered, within};
use super::{Builder, Built, RunError};
use crate::domain::day_set::DaySet;
use crate::engine::Engine;
use crate::models::graph::Node;
use crate::models::{Kind, Model, execute};

/// Some days of a scratch table.
#[derive(Debug, Clone)]
pub(super) struct ScratchPart {
    /// The days; rows of all of them are in the file.
    pub days: DaySet,
    /// The file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: u64,
}

impl<'a> Builder<'a> {
    /// Computes what the inputs of `model` lack for `days`.
    pub(super) async fn ensure_inputs(&self, model: &'a Model, days: &DaySet) -> Result<(), RunError> {
        for input in &model.reads {
            let Some(maker) = self.model(input) else { continue };
            match (maker.header.kind, self.is_by_day(input)) {
                (Kind::View, true) => Box::pin(self.ensure_inputs(maker, days)).await?,
                (Kind::Scratch, true) => Box::pin(self.ensure_days(maker, days)).await?,
                _ => self.ensure(input).await?,
            }
        }
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "seconds per step are told to people and never reach a table")]
    async fn ensure_days(&self, model: &'a Model, days: &DaySet) -> Result<(), RunError> {
        let turn = self.turn(&model.name);
        let _turn = turn.lock().await;
        let have = self.made().scratch.entry(model.name.clone()).or_default().iter().fold(DaySet::default(), |mut all, part| {
            all.extend(&part.days);
            all
        });
        // Days that no input has are empty without being computed.
        let all = self.day_change(&model.name).unwrap_or_default().all;
        let missing: DaySet = days.without(&have).days().map(Some).filter(|d| all.contains(*d)).collect();
        let missing = if days.has_undated() && !have.has_undated() { with_undated(missing) } else { missing };
        if missing.is_empty() {
            return Ok(());
        }
        let reach = reach(model);
        self.ensure_inputs(model, &missing.widened(reach.0, reach.1)).await?;
        let chunks = self.weights(model).chunks(&missing);
        let _alone = if self.fills_all_threads(&chunks) { Some(self.all_threads.lock().await) } else { None };
        let start = Instant::now();
        let (done, rows) = self.compute_scratch(model, chunks).await?;
        self.made().scratch.entry(model.name.clone()).or_default().extend(done);
        let seconds = start.elapsed().as_secs_f64();
        let is_part = !covers(&missing, &all);
        self.built(Node::Model(model), Built { rows, seconds, days: missing.to_string(), is_part, ..Built::default() });
        Ok(())
    }

    async fn compute_scratch(&self, model: &'a Model, chunks: Vec<Chunk>) -> Result<(Vec<ScratchPart>, u64), RunError> {
        let threads = self.work.engine.partitions();
        let partitions = if self.fills_all_threads(&chunks) { 1 } else { threads };
        let computed = futures::stream::iter(chunks).map(|chunk| self.compute_scratch_chunk(model, chunk.days, partitions));
        let parts: Vec<(Vec<ScratchPart>, u64)> = computed.buffer_unordered(threads).try_collect().await?;
        let rows = parts.iter().map(|(_, rows)| rows).sum();
        Ok((parts.into_iter().flat_map(|(part, _)| part).collect(), rows))
    }

    async fn compute_scratch_chunk(&self, model: &'a Model, days: DaySet, partitions: usize) -> Result<(Vec<ScratchPart>, u64), RunError> {
        let reach = reach(model);
        let session = self.session(model, &days.widened(reach.0, reach.1), partitions).await?;
        let day = model.header.incremental.as_ref().map_or("", |i| i.day.as_str());
        let frame = execute::select(&session, model, self.work.parameters).await?;
        let frame = filtered(frame, within(day, &days), &model.name)?;
        let part = format!("{}-{}", days.days().next().unwrap_or(i32::MIN), self.made().scratch.get(&model.name).map_or(0, Vec::len));
        let written = Engine::keep_parts(&session, (&model.name, &part), frame).await?;
        let rows = written.iter().map(|(_, rows)| rows).sum();
        Ok((written.into_iter().map(|(path, rows)| ScratchPart { days: days.clone(), path, rows }).collect(), rows))
    }

    /// How much work each day of `model` is: the rows that it reads, as far as they are known, spread over days as raw rows are.
    pub(super) fn weights(&self, model: &Model) -> Weights {
        let raw = self.work.raw.rows_by_day();
        let all: u64 = raw.values().sum();
        let read = self.rows_read(model).map_or(all, |rows| rows.min(all));
        let share = |rows: u64| (u128::from(rows) * u128::from(read) / u128::from(all.max(1))) as u64;
        let rows = raw.into_iter().map(|(day, rows)| (day, share(rows))).collect();
        Weights::new(rows, self.work.engine.partitions())
    }

    /// Rows of the tables by day that `model` reads; none where it reads raw tables.
    fn rows_read(&self, model: &Model) -> Option<u64> {
        let rows = |input: &String| match (self.model(input), self.table(input)) {
            (_, Some(table)) => Some(table.rows),
            (Some(view), None) if view.header.kind == Kind::View => self.rows_read(view),
            (maker, None) => maker.and(self.made().scratch.get(input).map(|parts| parts.iter().map(|part| part.rows).sum())),
        };
        model.reads.iter().filter(|input| self.is_by_day(input)).map(rows).sum()
    }
}

/// Days of input before and after a day that its rows depend on.
pub(super) fn reach(model: &Model) -> (u32, u32) {
    model.header.incremental.as_ref().map_or((0, 0), |i| (i.lookback_days, i.lookahead_days))
}

fn with_undated(mut days: DaySet) -> DaySet {
    days.insert(None);
    days
}
