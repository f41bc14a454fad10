//! `hachi diff`: what is different between two snapshots: columns, rows, contents and KPIs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use hachi_snapshot::{Lake, Manifest};
use serde::Serialize;
use serde_json::json;

use super::output::{self, table, thousands};
use super::{no_snapshot, open};
use crate::config::Config;
use crate::engine::EngineError;
use crate::publish::{TableChange, table_changes};
use crate::run::{latest_manifest, open_lake, snapshot_of};

const KPIS: &str = include_str!("diff.sql");
const KPI_TABLE: &str = "kpi_snapshot";

/// Arguments of `hachi diff`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Number of the earlier snapshot; default: the one before the later
    #[arg(value_name = "A")]
    before: Option<u64>,
    /// Number of the later snapshot; default: the latest
    #[arg(value_name = "B")]
    now: Option<u64>,
    /// The lake; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print the differences as JSON
    #[arg(long)]
    json: bool,
}

/// A KPI of both snapshots, or of one.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct KpiChange {
    kpi: String,
    unit: String,
    before: Option<KpiValue>,
    now: Option<KpiValue>,
}

/// Its newest day, and what it was; no value where it is held back.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct KpiValue {
    event_date: String,
    value: Option<f64>,
}

/// Prints the differences.
pub fn diff(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    open::block_on(config.engine.threads, async {
        let lake = open_lake(&config)?;
        let (before, now) = both(&lake, arguments).await?;
        let tables = table_changes(&before.tables, &now.tables);
        let kpis = kpi_changes(&kpis(&config, &lake, &before).await?, &kpis(&config, &lake, &now).await?);
        if arguments.json {
            let report = json!({ "before": before.number, "now": now.number, "tables": tables, "kpis": kpis });
            return output::print(serde_json::to_string_pretty(&report)?);
        }
        output::print(format_args!("snapshot {} (as of {}) → {} (as of {})", before.number, before.as_of, now.number, now.as_of))?;
        print_tables(&tables)?;
        print_kpis(&kpis)
    })
}

async fn both(lake: &Lake, arguments: &Arguments) -> anyhow::Result<(Manifest, Manifest)> {
    let of = async |number: u64| lake.manifest(number).await.with_context(|| no_snapshot(number));
    let now = match arguments.now {
        Some(number) => of(number).await?,
        None => latest_manifest(lake).await?,
    };
    let first = || format!("snapshot {} is the first, so there is nothing to compare it with", now.number);
    let before = of(arguments.before.or(now.parent).with_context(first)?).await?;
    Ok((before, now))
}

/// KPI → unit and value.
type Kpis = BTreeMap<String, (String, KpiValue)>;

async fn kpis(config: &Config, lake: &Lake, manifest: &Manifest) -> anyhow::Result<Kpis> {
    let snapshot = snapshot_of(config, lake, manifest.clone()).await?;
    if !snapshot.has(KPI_TABLE) {
        return Ok(Kpis::new());
    }
    let rows = snapshot.query(KPIS).await?.collect().await.map_err(EngineError::query("execute", KPI_TABLE))?;
    let rows = output::cells(&rows)?.into_iter().filter_map(|row| <[String; 4]>::try_from(row).ok());
    Ok(rows.map(|[kpi, unit, event_date, value]| (kpi, (unit, KpiValue { event_date, value: value.parse().ok() }))).collect())
}

fn kpi_changes(before: &Kpis, now: &Kpis) -> Vec<KpiChange> {
    let mut changes: BTreeMap<&String, KpiChange> = BTreeMap::new();
    for (kpi, (unit, value)) in before {
        changes.insert(kpi, KpiChange { kpi: kpi.clone(), unit: unit.clone(), before: Some(value.clone()), now: None });
    }
    for (kpi, (unit, value)) in now {
        let change = changes.entry(kpi).or_insert_with(|| KpiChange { kpi: kpi.clone(), ..KpiChange::default() });
        (change.unit, change.now) = (unit.clone(), Some(value.clone()));
    }
    changes.into_values().filter(|change| change.before != change.now).collect()
}

fn print_tables(changes: &[TableChange]) -> anyhow::Result<()> {
    if changes.is_empty() {
        return output::print("\nall tables are equal");
    }
    let rows = |rows: Option<u64>| rows.map_or_else(String::new, thousands);
    let what = |change: &TableChange| match (change.rows_before, change.rows_now, &change.columns) {
        (None, ..) => "new table".to_owned(),
        (_, None, _) => "gone".to_owned(),
        (.., Some(columns)) => columns.to_string(),
        (.., None) => String::new(),
    };
    let cells = |change: &TableChange| {
        vec![change.table.clone(), rows(change.rows_before), rows(change.rows_now), change.new_files.to_string(), what(change)]
    };
    let cells = changes.iter().map(cells).collect();
    output::print(format_args!("\n{}", table(&["table", "rows before", "rows now", "new files", "columns"], cells, &[1, 2, 3])))
}

fn print_kpis(changes: &[KpiChange]) -> anyhow::Result<()> {
    if changes.is_empty() {
        return output::print("\nall KPIs are equal");
    }
    let value = |side: Option<&KpiValue>| {
        let value = side.map(|side| side.value.map_or_else(|| "held back".to_owned(), |value| format!("{value:.3}")));
        (side.map_or_else(String::new, |side| side.event_date.clone()), value.unwrap_or_default())
    };
    let cells = |change: &KpiChange| {
        let ((day_before, before), (day_now, now)) = (value(change.before.as_ref()), value(change.now.as_ref()));
        vec![change.kpi.clone(), day_before, before, day_now, now, change.unit.clone()]
    };
    let cells = changes.iter().map(cells).collect();
    output::print(format_args!("\n{}", table(&["kpi", "day before", "before", "day now", "now", "unit"], cells, &[2, 4])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kpis_that_come_go_and_change_are_told() {
        let value = |value: Option<f64>| ("members".to_owned(), KpiValue { event_date: "2026-03-30".to_owned(), value });
        let kpis = |all: &[(&str, Option<f64>)]| all.iter().map(|(kpi, v)| ((*kpi).to_owned(), value(*v))).collect::<Kpis>();
        let before = kpis(&[("dau", Some(1.0)), ("gone", Some(2.0)), ("held", None), ("same", Some(3.0))]);
        let now = kpis(&[("come", Some(4.0)), ("dau", Some(5.0)), ("held", Some(6.0)), ("same", Some(3.0))]);
        let told = kpi_changes(&before, &now);
        let of = |side: Option<&KpiValue>| side.map(|side| side.value);
        let told: Vec<_> = told.iter().map(|change| (change.kpi.as_str(), of(change.before.as_ref()), of(change.now.as_ref()))).collect();
        let expected = [
            ("come", None, Some(Some(4.0))),
            ("dau", Some(Some(1.0)), Some(Some(5.0))),
            ("gone", Some(Some(2.0)), None),
            ("held", Some(None), Some(Some(6.0))),
        ];
        assert_eq!(told, expected);
    }
}
