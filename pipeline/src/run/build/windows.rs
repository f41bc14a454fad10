//! A session that sees only some days of what a model reads.

use std::path::PathBuf;

use chrono::NaiveDate;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{DataFrame, col, lit};
use datafusion::scalar::ScalarValue;
use hachi_snapshot::FileEntry;

use super::{Builder, RunError};
use crate::domain::day_set::DaySet;
use crate::domain::raw_tables::RawTable;
use crate::engine::{Engine, EngineError};
use crate::models::{Kind, Model, execute};
use crate::sources::RAW_PREFIX;

/// The predicate that `column` is one of `days`.
pub(super) fn within(column: &str, days: &DaySet) -> Expr {
    let day = |day: i32| lit(ScalarValue::Date32(Some(day)));
    let range = |(first, last): (i32, i32)| col(column).between(day(first), day(last));
    let undated = days.has_undated().then(|| col(column).is_null());
    days.ranges().into_iter().map(range).chain(undated).reduce(Expr::or).unwrap_or_else(|| lit(false))
}

/// Whether a file of a table that is built by day may hold rows of `days`.
pub(super) fn meets(file: &FileEntry, days: &DaySet) -> bool {
    let Some(part) = &file.part else { return true };
    let number = |date: NaiveDate| date.to_epoch_days();
    part.first.zip(part.last).map_or(days.has_undated(), |(first, last)| days.meets(number(first), number(last)))
}

impl<'a> Builder<'a> {
    /// A session in which the inputs of `model` have the rows of `days` alone, and those without days all rows.
    pub(super) async fn session(&self, model: &'a Model, days: &DaySet, partitions: usize) -> Result<Engine, RunError> {
        let session = self.work.engine.beside(partitions);
        let mut views = Vec::new();
        self.register_inputs(&session, model, (days, &mut views)).await?;
        Ok(session)
    }

    async fn register_inputs(
        &self,
        session: &Engine,
        model: &'a Model,
        (days, views): (&DaySet, &mut Vec<String>),
    ) -> Result<(), RunError> {
        for input in &model.reads {
            match self.model(input) {
                Some(view) if view.header.kind == Kind::View => {
                    if !views.contains(input) {
                        views.push(input.clone());
                        Box::pin(self.register_inputs(session, view, (days, views))).await?;
                        execute::view(session, view, self.work.parameters).await?;
                    }
                }
                maker => self.register_input(session, (input, maker), days).await?,
            }
        }
        Ok(())
    }

    async fn register_input(&self, session: &Engine, (name, maker): (&str, Option<&'a Model>), days: &DaySet) -> Result<(), RunError> {
        let raw = name.strip_prefix(RAW_PREFIX).and_then(RawTable::parse).filter(|raw| raw.time_column().is_some());
        if let Some(raw) = raw {
            return Ok(self.work.raw.register(session, raw, days)?);
        }
        let Some(column) = maker.and_then(|m| m.header.incremental.as_ref()).map(|i| i.day.as_str()) else {
            let whole = self.work.engine.table(name).await?;
            return Ok(session.register(name, whole.into_view())?);
        };
        let files = self.files(name, days);
        let frame = session.files(name, &files.0).await?;
        let frame = match frame {
            Some(frame) => frame,
            None => self.empty(name, maker).await?,
        };
        let frame = if files.1 { frame } else { filtered(frame, within(column, days), name)? };
        Ok(session.register(name, frame.into_view())?)
    }

    /// The files of a table that is built by day that may hold rows of `days`, and whether they hold no others.
    fn files(&self, name: &str, days: &DaySet) -> (Vec<PathBuf>, bool) {
        if let Some(parts) = self.made().scratch.get(name) {
            let parts: Vec<_> = parts.iter().filter(|p| p.days.any_of(days)).collect();
            let exact = parts.iter().all(|p| p.days.without(days).is_empty());
            return (parts.iter().map(|p| p.path.clone()).collect(), exact);
        }
        let root = self.work.draft.lake().root();
        let table = self.table(name);
        let files = table.as_deref().map(|t| t.files.as_slice()).unwrap_or_default();
        (files.iter().filter(|f| meets(f, days)).map(|f| root.join(&f.path)).collect(), false)
    }

    /// No rows, with the columns of the table.
    async fn empty(&self, name: &str, maker: Option<&'a Model>) -> Result<DataFrame, RunError> {
        let Some(model) = maker else { return Err(RunError::Stage(format!("`{name}` has no model"))) };
        let session = Box::pin(self.session(model, &DaySet::default(), 1)).await?;
        let frame = execute::select(&session, model, self.work.parameters).await?;
        filtered(frame, lit(false), name)
    }
}

/// The rows of `frame` for which `predicate` holds.
pub(super) fn filtered(frame: DataFrame, predicate: Expr, table: &str) -> Result<DataFrame, RunError> {
    Ok(frame.filter(predicate).map_err(EngineError::query("plan", table))?)
}
