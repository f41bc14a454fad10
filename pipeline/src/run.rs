//! The story of one run, top to bottom: open → build → learn → check → publish.
//!
//! It knows the order of things and nothing else. A failed run removes what it wrote; the last snapshot stays.

mod build;
mod check;
mod error;
mod evaluate;
mod export;
mod foresee;
mod forget;
mod freshness;
mod ground;
mod inputs;
mod learn;
mod parameters;
mod project;
mod publication;
mod results;
mod rollback;
mod segments;
mod snapshot;
mod stage_table;
mod steps;
mod stop;
mod watermark;

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use hachi_snapshot::{Keep, Lake, Manifest};

pub use build::{Foreseen, Outlook};
pub use check::{Checked, check};
pub use error::RunError;
pub use evaluate::{ACTS, FACTS, read_acts, time_options};
pub use export::{export_sources, raw_sources};
pub use foresee::foresee;
pub use forget::{Held, HeldOfMember, held, register_erased};
pub use inputs::Extent;
pub use parameters::parameters;
pub use project::{Project, graph_of};
pub use rollback::{RollbackError, rollback};
pub use snapshot::{Snapshot, lake_of, latest_manifest, latest_snapshot, open_lake, snapshot_of};
pub use stop::Stop;

use crate::domain::raw_tables::RAW_PREFIX;
use crate::models::Selection;
use crate::observability::StepReport;
use crate::publish::{ContractChange, Draft};
use build::Builder;
use ground::Ground;

/// What is asked of a run.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// The moment the snapshot describes; later rows don't count.
    pub as_of: DateTime<Utc>,
    /// Fresh name of the run.
    pub run_id: String,
    /// Which models; all by default.
    pub selection: Selection,
    /// How much of them.
    pub extent: Extent,
    /// Which older snapshots must stay where no lock keeps collections away, as of `asked_at`.
    pub keep: Keep,
    /// When it was asked for, by the clock.
    pub asked_at: DateTime<Utc>,
}

/// What happens, for people to watch.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// A step of so many begins, perhaps beside others.
    Started {
        /// Model or stage.
        name: &'a str,
        /// All steps that are built.
        steps: usize,
    },
    /// A step is done.
    Finished {
        /// Model or stage.
        name: &'a str,
        /// Rows made; none for views.
        rows: Option<u64>,
        /// Wall time.
        seconds: f64,
    },
    /// A pass of the factor model is done.
    Learning {
        /// Passes done.
        done: usize,
        /// All passes.
        of: usize,
    },
}

/// Tells a person what happens.
pub type Observer<'a> = dyn Fn(Event<'_>) + Sync + 'a;

/// What came out.
#[derive(Debug)]
pub struct RunOutcome {
    /// The committed snapshot.
    pub manifest: Manifest,
    /// How tables' columns differ from the last snapshot's.
    pub contract: Vec<ContractChange>,
    /// What was done with each node, in the order in which they ended.
    pub steps: Vec<StepReport>,
    /// Columns of the sources that were read, as the first file of each has them.
    pub source_schemas: BTreeMap<String, SchemaRef>,
}

/// Runs `project` and publishes a snapshot, unless it is told to stop before.
///
/// # Errors
/// Whatever is wrong with sources, models or disk, or the stop; nothing that is served changes then.
pub async fn run(project: &Project, request: &RunRequest, (observer, stop): (&Observer<'_>, &Stop)) -> Result<RunOutcome, RunError> {
    let draft = Draft::new(lake_of(&project.config)?, &request.run_id);
    let outcome = run_draft(project, request, &draft, (observer, stop)).await;
    // When the lake fails in the middle of the commit, the manifest may be there and name these files.
    if outcome.as_ref().is_err_and(|error| !error.may_be_committed()) {
        // The error that matters is the run's own; what can't be removed stays, named by nothing.
        let _ = draft.discard();
    }
    outcome
}

async fn run_draft(
    project: &Project,
    request: &RunRequest,
    draft: &Draft,
    (observer, stop): (&Observer<'_>, &Stop),
) -> Result<RunOutcome, RunError> {
    let outcome = stop.or(build_draft(project, request, draft, (observer, stop))).await?;
    // Whatever it is told from here on: a commit that has begun is ended.
    let manifest = draft.lake().letting_go(outcome.manifest, request.keep, request.asked_at).await?;
    let manifest = draft.lake().commit(manifest).await?;
    Ok(RunOutcome { manifest, ..outcome })
}

/// Everything but the commit; the manifest that comes out is a draft.
async fn build_draft(
    project: &Project,
    request: &RunRequest,
    draft: &Draft,
    (observer, stop): (&Observer<'_>, &Stop),
) -> Result<RunOutcome, RunError> {
    let graph = project.graph()?;
    let scratch = tempfile::Builder::new().prefix(".scratch-").tempdir_in(draft.lake().root()).map_err(RunError::Scratch)?;
    let ground = Ground::open((project, &graph), request, draft.lake(), scratch.path()).await?;
    let fresh = freshness::freshness(&ground.engine, &ground.raw.located, &project.config, request.as_of).await?;
    let builder = Builder::new(ground.work((project, &graph), request, draft));
    builder.made().checks = fresh;
    builder.open_ledger().await?;
    builder.take_over(&ground.plan.reused()).await?;
    steps::build_all(&builder, &ground.plan, (observer, stop))?;
    let steps = std::mem::take(&mut builder.made().steps);
    let record = ground.raw.record(|table| ground.plan.leaves_behind(&graph, &format!("{RAW_PREFIX}{table}")));
    let contract = results::finish(&builder).await?;
    builder.write_ledger().await?;
    let manifest = publication::draft(builder, (project, request), &record).await?;
    Ok(RunOutcome { manifest, contract, steps, source_schemas: ground.raw.located.schemas() })
}

/// The latest snapshot; what is torn above it is warned of.
async fn latest(lake: &Lake) -> Result<Option<Manifest>, RunError> {
    let latest = lake.latest().await?;
    for skipped in &latest.skipped {
        tracing::warn!(number = skipped.number, "{skipped}");
    }
    Ok(latest.manifest)
}
