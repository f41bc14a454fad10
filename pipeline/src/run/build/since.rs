//! Small tables whose rows matter from a day on: which days a change of theirs has built again.
//!
//! A new member of the staff touches the days since joining, not all history.

use std::collections::BTreeMap;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Date32Type;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use hachi_snapshot::Table;

use super::{Builder, DayChange, RunError};
use crate::domain::day_set::DaySet;
use crate::engine::EngineError;
use crate::models::{Model, execute};

impl<'a> Builder<'a> {
    /// The column of `table` that says from which day on a row matters.
    pub(super) fn since(&self, table: &str) -> Option<&'a str> {
        self.model(table)?.header.since.as_deref()
    }

    /// The table of the last snapshot, where rows of `model` matter from a day on and a part of what reads it is not built in this
    /// run: it stays as it was, so that a change is found again by a run that builds everything.
    pub(super) fn waits_for_its_readers(&self, model: &Model) -> Option<&'a Table> {
        let is_behind = || self.work.plan.leaves_behind(self.work.graph, &model.name);
        self.before(&model.name).filter(|_| model.header.since.is_some() && is_behind())
    }

    /// Compares the rows of `model` with those of the last snapshot, where they matter from a day on; what reads it by day builds
    /// the days from the first difference on.
    pub(super) async fn note_since(&self, model: &'a Model) -> Result<(), RunError> {
        let Some(column) = model.header.since.as_deref() else { return Ok(()) };
        for input in &model.reads {
            self.ensure(input).await?;
        }
        let failed = || EngineError::query("execute", &model.name);
        let now = execute::plan(self.work.engine, model, self.work.parameters).await?.collect().await.map_err(failed())?;
        let before = match self.before(&model.name) {
            Some(table) => self.read(table).await?,
            None => Vec::new(),
        };
        let (now, before) = (rows(&now, column)?, rows(&before, column)?);
        let only_in = |some: &BTreeMap<String, i32>, others: &BTreeMap<String, i32>| {
            some.iter().filter(|(row, _)| !others.contains_key(*row)).map(|(_, day)| *day).min()
        };
        let first = [only_in(&now, &before), only_in(&before, &now)].into_iter().flatten().min();
        if let Some(first) = first {
            let changed = DaySet::range(first, self.work.raw.horizon().max(first));
            let reasons = vec![format!("{}: a row from {} on is not the same", model.name, DaySet::range(first, first))];
            self.made().days.insert(model.name.clone(), DayChange { all: DaySet::default(), changed, reasons });
        }
        Ok(())
    }
}

/// Each row as text with the day from which on it matters; without one, from the beginning.
fn rows(batches: &[RecordBatch], column: &str) -> Result<BTreeMap<String, i32>, RunError> {
    let mut rows = BTreeMap::new();
    for batch in batches {
        let days = batch.column_by_name(column).and_then(|c| c.as_primitive_opt::<Date32Type>().cloned());
        let options = FormatOptions::default();
        let cells = batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options)).collect::<Result<Vec<_>, _>>();
        let cells = cells.map_err(|e| EngineError::query("read", column)(e.into()))?;
        for row in 0..batch.num_rows() {
            let text = cells.iter().map(|cell| cell.value(row).to_string()).collect::<Vec<_>>().join("\0");
            let day = days.as_ref().filter(|d| d.is_valid(row)).map_or(0, |d| d.value(row));
            rows.insert(text, day);
        }
    }
    Ok(rows)
}
