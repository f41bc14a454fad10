//! Everything of a run that can be known before it: sources are opened, all SQL is planned.

use chrono::{DateTime, Utc};
use hachi_snapshot::{Check, Input};

use super::{Project, RunError, freshness, parameters, watermark};
use crate::engine::Engine;
use crate::models::graph::Node;
use crate::models::{execute, segments};
use crate::privacy::Rules;
use crate::publish::canonical_schema;
use crate::sources;

/// What a check found in order.
#[derive(Debug)]
pub struct Checked {
    /// Sources with files and rows.
    pub sources: Vec<Input>,
    /// Models that plan.
    pub models: usize,
    /// What a run would warn of before it starts.
    pub warnings: Vec<Check>,
}

/// Opens the sources of `project` and plans every model.
///
/// # Errors
/// What a run at `as_of` would stumble over.
pub async fn check(project: &Project, as_of: DateTime<Utc>) -> Result<Checked, RunError> {
    let graph = project.graph()?;
    let scratch = tempfile::tempdir().map_err(RunError::Scratch)?;
    let engine = Engine::open(project.config.engine, &project.config.keys, scratch.path())?;
    let options = project.sources_options();
    let located = project.locate(&options).await?;
    sources::register(&engine, &located, &options, 1)?;
    let watermark = watermark::watermark(&engine, &located, &project.config, as_of).await?;
    let fresh = freshness::freshness(&engine, &located, &project.config, as_of).await?;
    let parameters = parameters(&project.config, as_of, watermark);
    let mut models = 0;
    for node in graph.nodes() {
        if let Node::Model(model) = node {
            let frame = execute::select(&engine, model, &parameters).await?;
            // What reads it needs its columns alone; views within views would make plans that grow without bound.
            let schema = canonical_schema(frame.schema().as_arrow());
            let schema = Rules::new(&model.name, &model.header, &schema)?.map_or(schema, |rules| rules.released_schema());
            engine.register(&model.name, engine.rows(&model.name, vec![], &schema)?.into_view())?;
            models += 1;
        }
    }
    segments::members(&engine, &project.config.declared.segments).await?;
    let warnings = fresh.into_iter().filter(|check| !check.passed).collect();
    Ok(Checked { sources: located.inputs(), models, warnings })
}
