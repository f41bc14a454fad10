//! The raw tables of a run: where they are, what they hold of each day, and what of it is different from last time.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use hachi_snapshot::{Lake, Manifest};
use sha2::{Digest, Sha256};

use super::build::DayChange;
use super::{Project, RunError};
use crate::domain::day_set::DaySet;
use crate::domain::raw_tables::RawTable;
use crate::engine::Engine;
use crate::sources::{self, Located, RawChange, RawDays, SourceError, SourcesOptions, TableDays};

/// How much a run builds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Extent {
    /// What changed.
    #[default]
    Changes,
    /// What changed, and these days.
    Days(DaySet),
    /// Everything.
    Full,
}

/// Raw tables with their days.
#[derive(Debug)]
pub(super) struct RawInputs {
    /// Their files.
    pub located: Located,
    /// How they are read.
    pub options: Arc<SourcesOptions>,
    /// Days that are built again because somebody asked for it.
    pub asked_days: Option<DaySet>,
    now: RawDays,
    before: RawDays,
    zone: Tz,
}

impl RawInputs {
    /// Finds the raw tables of `project` and compares them with what the snapshot `parent` was made of.
    pub async fn open(
        project: &Project,
        (lake, parent): (&Lake, Option<&Manifest>),
        asked: (DateTime<Utc>, &Extent),
    ) -> Result<Self, RunError> {
        let options = project.sources_options();
        let located = project.locate(&options).await?;
        let before = parent.map(|parent| recorded(lake, parent)).unwrap_or_default();
        let now = located.days(&options, &before, asked.0)?;
        let asked_days = if let Extent::Days(days) = asked.1 { Some(days.clone()) } else { None };
        Ok(Self { located, options, asked_days, now, before, zone: project.config.timezone })
    }

    /// The days of a raw table.
    pub fn day_change(&self, table: RawTable) -> DayChange {
        let Some(now) = self.now.tables.get(table.name()) else { return self.gone(table) };
        let change = match self.before.tables.get(table.name()) {
            Some(before) => now.change(before, |moment| self.local_day(moment)),
            None => RawChange { new: now.days(), ..RawChange::default() },
        };
        let changed = change.days();
        let mut all = now.days();
        all.extend(&changed);
        DayChange { all, changed, reasons: reasons(&change) }
    }

    /// A raw table that is not configured any more.
    fn gone(&self, table: RawTable) -> DayChange {
        let days = self.before.tables.get(table.name()).map(TableDays::days).unwrap_or_default();
        let reasons = if days.is_empty() { Vec::new() } else { vec!["it is not configured any more".to_owned()] };
        DayChange { all: days.clone(), changed: days, reasons }
    }

    fn local_day(&self, moment: DateTime<Utc>) -> i32 {
        crate::domain::timestamps::local_date(moment.timestamp_micros(), self.zone)
    }

    /// Hash (hex) of all that a raw table holds and how it is read.
    pub fn key(&self, table: RawTable) -> String {
        let known = self.now.tables.get(table.name()).map(|t| format!("{}{:?}{:?}", t.read_as, t.by_day(), t.erased_by_day()));
        hex::encode(Sha256::digest(known.unwrap_or_default()))
    }

    /// Makes the rows of `days` of a raw table known to `session`.
    pub fn register(&self, session: &Engine, table: RawTable, days: &DaySet) -> Result<(), SourceError> {
        sources::register_days(session, (&self.located, &self.options), (table, &self.now), days)
    }

    /// About how many rows each day has, in all raw tables.
    pub fn rows_by_day(&self) -> BTreeMap<i32, u64> {
        let mut all = BTreeMap::new();
        for (day, rows) in self.now.tables.values().flat_map(TableDays::rows_by_day) {
            *all.entry(day).or_default() += rows;
        }
        all
    }

    /// The last day after which no table has rows: that after the last one of any raw table, now or in the last run.
    pub fn horizon(&self) -> i32 {
        let tables = self.now.tables.values().chain(self.before.tables.values());
        let last = tables.flat_map(|t| &t.files).flat_map(|f| &f.days).filter_map(|(day, _)| *day).max();
        last.map_or(i32::MAX, |day| day.saturating_add(1))
    }

    /// What the next run compares with. A table in `behind` has changes that not everything has been built with: it stays as
    /// the last run saw it, so that they are found again.
    pub fn record(&self, behind: impl Fn(RawTable) -> bool) -> RawDays {
        let mut record = self.now.clone();
        for table in RawTable::ALL.into_iter().filter(|t| behind(*t)) {
            match self.before.tables.get(table.name()) {
                Some(before) => record.tables.insert(table.name().to_owned(), before.clone()),
                None => record.tables.remove(table.name()),
            };
        }
        record
    }
}

/// What the snapshot `parent` was made of; nothing where it does not say, so that everything is taken for new.
fn recorded(lake: &Lake, parent: &Manifest) -> RawDays {
    let Some(entry) = &parent.sources else { return RawDays::default() };
    let read = std::fs::read(lake.root().join(&entry.path)).ok().and_then(|json| serde_json::from_slice(&json).ok());
    read.unwrap_or_else(|| {
        tracing::warn!(path = entry.path, "what the last snapshot was made of can't be read, so everything is built again");
        RawDays::default()
    })
}

fn reasons(change: &RawChange) -> Vec<String> {
    let parts = [
        (&change.new, "new"),
        (&change.late, "late or changed rows"),
        (&change.gone, "rows gone"),
        (&change.erased, "members erased, or erased no more"),
        (&change.since_as_of, "as_of is another"),
        (&change.read_anew, "read in another way"),
    ];
    parts.into_iter().filter(|(days, _)| !days.is_empty()).map(|(days, why)| format!("{why} ({days})")).collect()
}
