//! Which days of a table must be built again, and why.

use hachi_snapshot::Table;

use super::{Builder, RunError};
use crate::domain::day_set::DaySet;
use crate::domain::raw_tables::RawTable;
use crate::models::Model;
use crate::sources::RAW_PREFIX;

/// The days of a table that is built by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayChange {
    /// All days that it may have rows of.
    pub all: DaySet,
    /// Those that are built again.
    pub changed: DaySet,
    /// Why, for people; empty where nothing is.
    pub reasons: Vec<String>,
}

impl DayChange {
    /// A table that stays as it is.
    pub fn none_of(table: &Table) -> Self {
        Self { all: held(table), ..Self::default() }
    }

    fn extend(&mut self, input: &Self, (before, after): (u32, u32)) {
        self.all.extend(&input.all.widened(before, after));
        self.changed.extend(&input.changed.widened(before, after));
    }
}

/// The days of a table's files.
pub(super) fn held(table: &Table) -> DaySet {
    let mut days = DaySet::default();
    for part in table.files.iter().filter_map(|f| f.part.as_ref()) {
        match part.first.zip(part.last) {
            Some((first, last)) => days.extend(&DaySet::range(first.to_epoch_days(), last.to_epoch_days())),
            None => days.insert(None),
        }
    }
    days
}

impl<'a> Builder<'a> {
    /// The days of a raw table, model or view that `reader` reads; none where its rows have no days.
    pub(super) fn day_change(&self, table: &str) -> Option<DayChange> {
        if let Some(known) = self.made().days.get(table) {
            return Some(known.clone());
        }
        if let Some(raw) = table.strip_prefix(RAW_PREFIX) {
            return RawTable::parse(raw).filter(|raw| raw.time_column().is_some()).map(|raw| self.work.raw.day_change(raw));
        }
        let model = self.model(table)?;
        if !self.is_by_day(table) {
            return None;
        }
        let change = self.change_of_inputs(model);
        self.made().days.insert(table.to_owned(), change.clone());
        Some(change)
    }

    /// Days that the inputs of `model` touch.
    fn change_of_inputs(&self, model: &'a Model) -> DayChange {
        let mut change = DayChange::default();
        // A row of day X matters to the days from X − lookahead to X + lookback.
        let reach = model.header.incremental.as_ref().map_or((0, 0), |i| (i.lookahead_days, i.lookback_days));
        let (since, by_day): (Vec<&String>, Vec<&String>) = model.reads.iter().partition(|input| self.since(input).is_some());
        for input in by_day {
            if let Some(of_input) = self.day_change(input) {
                change.extend(&of_input, reach);
                // The first cause is told, not the way it came.
                let root = |reason: &String| if input.starts_with(RAW_PREFIX) { format!("{input}: {reason}") } else { reason.clone() };
                change.reasons.extend(of_input.reasons.iter().map(root));
            }
        }
        for of_input in since.into_iter().filter_map(|input| self.made().days.get(input).cloned()) {
            change.changed.extend(&of_input.changed.and(&change.all));
            change.reasons.extend(of_input.reasons.iter().cloned());
        }
        let horizon = self.work.raw.horizon();
        (change.all, change.changed) = (change.all.until(horizon), change.changed.until(horizon));
        change.reasons.sort();
        change.reasons.dedup();
        change
    }

    /// Whether the rows of `table` belong to days: it says so, or is a view over such tables.
    pub(super) fn is_by_day(&self, table: &str) -> bool {
        if let Some(raw) = table.strip_prefix(RAW_PREFIX) {
            return RawTable::parse(raw).is_some_and(|raw| raw.time_column().is_some());
        }
        self.work.graph.is_by_day(table)
    }

    /// The days of `model` that must be built again, given what it was made from last time.
    pub(super) async fn days_to_build(&self, model: &'a Model) -> Result<(DayChange, String), RunError> {
        let mut change = self.change_of_inputs(model);
        let made_from = self.definition(model).await?;
        match self.before(&model.name) {
            None => change.rebuild(if self.work.is_full { "everything is built again" } else { "it is not in the latest snapshot" }),
            Some(before) => {
                let (definition, undated) = (made_from.split('/').next(), made_from.split('/').nth(1));
                change.all.extend(&held(before));
                if before.made_from.split('/').next() != definition {
                    change.rebuild("its SQL, its configuration or what it reads without days is not the same");
                } else if before.made_from.split('/').nth(1) != undated {
                    change.changed.insert(None);
                    change.reasons.push("what has no day changed".to_owned());
                }
            }
        }
        if let Some(asked) = &self.work.raw.asked_days {
            change.all.insert(None);
            change.changed.extend(asked);
            change.reasons.push(format!("{asked} was asked for"));
        }
        change.all.extend(&change.changed.clone());
        if model.header.incremental.as_ref().is_some_and(|i| !i.undated.is_empty()) {
            change.all.insert(None);
        }
        self.made().days.insert(model.name.clone(), change.clone());
        Ok((change, made_from))
    }
}

impl DayChange {
    fn rebuild(&mut self, reason: &str) {
        self.all.insert(None);
        self.changed = self.all.clone();
        self.reasons = vec![reason.to_owned()];
    }
}
