//! What a run would do, found out without writing anything: which tables, which of their days, and why.

use std::collections::BTreeSet;

use super::build::{Builder, Foreseen, Outlook};
use super::ground::Ground;
use super::{Project, RunError, RunRequest, lake_of};
use crate::models::graph::Node;
use crate::models::{Action, Graph};
use crate::publish::Draft;

/// Name and prospect of each node that a run would build or write again; the lake must exist.
///
/// # Errors
/// What a run would stumble over before its first table.
pub async fn foresee(project: &Project, request: &RunRequest) -> Result<Vec<(String, Foreseen)>, RunError> {
    let graph = project.graph()?;
    let scratch = tempfile::tempdir().map_err(RunError::Scratch)?;
    let draft = Draft::new(lake_of(&project.config)?, &request.run_id);
    let ground = Ground::open((project, &graph), request, draft.lake(), scratch.path()).await?;
    let builder = Builder::new(ground.work((project, &graph), request, &draft));
    builder.keep(&ground.plan.reused()).await?;
    let mut changed = BTreeSet::new();
    let mut foreseen = Vec::new();
    for (node, step) in graph.nodes().iter().zip(&ground.plan.steps).filter(|(_, step)| step.action == Action::Reuse) {
        foreseen.extend(builder.foresee_kept(*node).map(|prospect| (step.name.clone(), prospect)));
    }
    for (node, step) in graph.nodes().iter().zip(&ground.plan.steps).filter(|(_, step)| step.action == Action::Build) {
        let prospect = builder.with_key(*node, builder.foresee(*node, |input| changed.contains(input)).await?);
        if is_other(&graph, *node, &prospect, &changed) {
            changed.extend(node.writes());
        } else {
            builder.keep(&step.writes).await?;
        }
        foreseen.push((step.name.clone(), prospect));
    }
    Ok(foreseen)
}

/// Whether what `node` makes will not be what it was.
fn is_other<'a>(graph: &Graph<'a>, node: Node<'a>, prospect: &Foreseen, changed: &BTreeSet<&'a str>) -> bool {
    match prospect.outlook {
        Outlook::Build | Outlook::Days => true,
        Outlook::Rewrite | Outlook::Keep => false,
        // What a scratch table holds is known by what it reads; its days are told by the tables that keep them.
        Outlook::Needed => !graph.is_by_day(node.name()) && node.reads().iter().any(|input| changed.contains(input)),
    }
}
