//! What a snapshot says of the run that made it: rows by source, rejects, KPIs, and what models were judged by.

use hachi_snapshot::Manifest;
use serde::de::DeserializeOwned;

use super::ask;
use crate::config::Config;
use crate::evaluate::{BLEND, OBJECTIVE, standing};
use crate::models::Parameters;
use crate::models::stages::MODEL_EVALUATION;
use crate::observability::{Estimated, Gate, KpiReport, Rejected, SourceRows};
use crate::run::{Snapshot, lake_of, snapshot_of};

const SOURCES: &str = include_str!("sources.sql");
const REASONS: &str = include_str!("reasons.sql");
const KPIS: &str = include_str!("kpis.sql");
const MODELS: &str = include_str!("models.sql");

/// What a snapshot says; what a selection left out is empty.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Rows by source.
    pub sources: Vec<SourceRows>,
    /// Rejected rows by source and reason, most first.
    pub rejects: Vec<Rejected>,
    /// KPIs by name.
    pub kpis: Vec<KpiReport>,
    /// What the models were judged by.
    pub gate: Option<Gate>,
}

impl Facts {
    /// Asks the snapshot of `manifest`.
    ///
    /// # Errors
    /// When a file of it can't be read.
    pub async fn of(config: &Config, manifest: &Manifest) -> anyhow::Result<Self> {
        let snapshot = snapshot_of(config, &lake_of(config)?, manifest.clone()).await?;
        let mut facts = Self::default();
        if snapshot.has("source_rows") && snapshot.has("rejects") {
            (facts.sources, facts.rejects) = (rows(&snapshot, SOURCES).await?, rows(&snapshot, REASONS).await?);
        }
        if snapshot.has("kpi_snapshot") {
            facts.kpis = rows(&snapshot, KPIS).await?;
        }
        if snapshot.has(MODEL_EVALUATION) {
            facts.gate = gate(&snapshot, config.evaluation.tolerance).await?;
        }
        Ok(facts)
    }
}

async fn gate(snapshot: &Snapshot, tolerance: f64) -> anyhow::Result<Option<Gate>> {
    let mut parameters = Parameters::default();
    parameters.set("metric", &format!("'{OBJECTIVE}'"));
    let models: Vec<Estimated> = rows(snapshot, &parameters.fill("models.sql", MODELS)?).await?;
    let Some(standing) = standing(&snapshot.table(MODEL_EVALUATION).await?.collect().await?) else { return Ok(None) };
    let published = standing.published;
    let published = Estimated { model: BLEND.to_owned(), value: published.value, low: published.low, high: published.high };
    let has_kept_earlier = standing.loses(tolerance);
    Ok(Some(Gate { metric: OBJECTIVE.to_owned(), models, published: Some(published), tolerance, has_kept_earlier }))
}

/// The rows of a query, each by its columns' names.
async fn rows<T: DeserializeOwned>(snapshot: &Snapshot, sql: &str) -> anyhow::Result<Vec<T>> {
    let mut json = arrow::json::ArrayWriter::new(Vec::new());
    json.write_batches(&ask(snapshot, sql).await?.iter().collect::<Vec<_>>())?;
    json.finish()?;
    Ok(serde_json::from_slice(&json.into_inner())?)
}
