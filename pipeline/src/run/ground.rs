//! What a run stands on: the last snapshot, the plan, the raw tables and a session that knows them.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;
use hachi_snapshot::{Lake, Manifest};

use super::build::Work;
use super::inputs::{Extent, RawInputs};
use super::{Project, RunError, RunRequest, latest, parameters, watermark};
use crate::engine::Engine;
use crate::models::{Action, Graph, Parameters, Plan};
use crate::publish::Draft;
use crate::sources;

/// Everything that is known before the first table is built.
#[derive(Debug)]
pub(super) struct Ground {
    /// The snapshot before.
    pub parent: Option<Manifest>,
    /// What is done with each node.
    pub plan: Plan,
    /// The session of whole tables.
    pub engine: Engine,
    /// Raw files and what changed in them.
    pub raw: RawInputs,
    /// The last local day that landed whole.
    pub watermark: NaiveDate,
    /// The run's parameters.
    pub parameters: Parameters,
    is_same_key: bool,
}

type Models<'a> = (&'a Project, &'a Graph<'a>);

impl Ground {
    /// Reads the lake and the footers of the raw files.
    ///
    /// # Errors
    /// When a source is not usable, the last snapshot can't be read, or what would be reused was made with another key.
    pub async fn open((project, graph): Models<'_>, request: &RunRequest, lake: &Lake, scratch: &Path) -> Result<Self, RunError> {
        let parent = latest(lake).await?;
        if let Some(parent) = &parent {
            lake.pull(parent).await?;
        }
        for table in parent.iter().flat_map(|parent| parent.tables.iter().chain(&parent.state)) {
            project.config.keys.covers(table)?;
        }
        let plan = Plan::new(graph, &request.selection, &kept_tables(parent.as_ref()))?;
        let is_same_key = parent.as_ref().is_none_or(|latest| latest.hashes.fits_key(&project.key.fingerprint()));
        let reuses = plan.steps.iter().any(|step| step.action == Action::Reuse);
        if reuses && !is_same_key {
            return Err(RunError::OtherKey);
        }
        let erased = project.people.erased_fingerprint(&project.key);
        if reuses && parent.as_ref().is_some_and(|latest| !latest.hashes.erased.is_empty() && latest.hashes.erased != erased) {
            return Err(RunError::OtherErased);
        }
        let engine = Engine::open(project.config.engine, &project.config.keys, scratch)?;
        let raw = RawInputs::open(project, (lake, parent.as_ref()), (request.as_of, &request.extent)).await?;
        sources::register(&engine, &raw.located, &raw.options, project.config.engine.threads)?;
        let watermark = watermark::watermark(&engine, &raw.located, &project.config, request.as_of).await?;
        let parameters = parameters(&project.config, request.as_of, watermark);
        Ok(Self { parent, plan, engine, raw, watermark, parameters, is_same_key })
    }

    /// What a builder works with.
    pub fn work<'a>(&'a self, (project, graph): Models<'a>, request: &RunRequest, draft: &'a Draft) -> Work<'a> {
        Work {
            engine: &self.engine,
            graph,
            plan: &self.plan,
            config: &project.config,
            parameters: &self.parameters,
            watermark: self.watermark,
            raw: &self.raw,
            draft,
            parent: self.parent.as_ref(),
            is_full: request.extent == Extent::Full || !self.is_same_key,
            is_same_key: self.is_same_key,
        }
    }
}

/// Tables of the snapshot, published or kept for this run.
fn kept_tables(parent: Option<&Manifest>) -> BTreeSet<String> {
    parent.iter().flat_map(|m| m.tables.iter().chain(&m.state)).map(|t| t.name.clone()).collect()
}
