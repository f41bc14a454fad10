//! What a run would do with each node: build it, take it from the last snapshot, or leave it alone.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Graph, Kind, ModelError, Selection};

/// What a run does with a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Compute it.
    Build,
    /// Refer to the files of the latest snapshot.
    Reuse,
    /// Not needed: neither selected nor published before.
    Skip,
}

/// One node of the plan.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Model or stage name.
    pub name: String,
    /// Its area.
    pub area: String,
    /// What becomes of its rows.
    pub kind: Kind,
    /// What the run does.
    pub action: Action,
    /// Tables it reads.
    pub reads: Vec<String>,
    /// Tables it makes.
    pub writes: Vec<String>,
}

/// All nodes in the order of the run.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Upstream first.
    pub steps: Vec<Step>,
}

impl Plan {
    /// What to do for `selection` when the latest snapshot holds the tables `published`.
    ///
    /// # Errors
    /// When the selection matches nothing, or needs a table that is neither selected nor published.
    pub fn new(graph: &Graph<'_>, selection: &Selection, published: &BTreeSet<String>) -> Result<Self, ModelError> {
        let mut build = selection.nodes(graph)?;
        include_unpublished_inputs(graph, &mut build);
        check_inputs(graph, &build, published)?;
        let steps = (0..graph.nodes().len()).map(|i| step(graph, i, build.contains(&i), published)).collect();
        Ok(Self { steps })
    }
}

impl Plan {
    /// Tables that are taken from the last snapshot.
    #[must_use]
    pub fn reused(&self) -> Vec<String> {
        self.steps.iter().filter(|s| s.action == Action::Reuse).flat_map(|s| s.writes.clone()).collect()
    }

    /// Whether a table that is made from `raw`, and kept by days, is not built by this plan: changes of `raw` are then still to come.
    #[must_use]
    pub fn leaves_behind(&self, graph: &Graph<'_>, raw: &str) -> bool {
        let mut downstream: BTreeSet<&str> = BTreeSet::from([raw]);
        for (node, step) in graph.nodes().iter().zip(&self.steps) {
            if node.reads().iter().any(|table| downstream.contains(table)) {
                downstream.extend(node.writes());
                if step.action != Action::Build && node.kind().is_kept() {
                    return true;
                }
            }
        }
        false
    }
}

/// Scratch tables and views are in no snapshot: whoever needs one builds it.
fn include_unpublished_inputs(graph: &Graph<'_>, build: &mut BTreeSet<usize>) {
    for node in (0..graph.nodes().len()).rev() {
        if build.contains(&node) {
            let inputs = graph.parents(node).into_iter().filter(|&p| !graph.nodes()[p].kind().is_kept());
            build.extend(inputs.collect::<Vec<_>>());
        }
    }
}

fn check_inputs(graph: &Graph<'_>, build: &BTreeSet<usize>, published: &BTreeSet<String>) -> Result<(), ModelError> {
    for &node in build {
        for table in graph.nodes()[node].reads() {
            let is_made = graph.maker(table).is_none_or(|maker| build.contains(&maker));
            if !is_made && !published.contains(table) {
                return Err(ModelError::NotBuilt { reader: graph.nodes()[node].name().to_owned(), table: table.to_owned() });
            }
        }
    }
    Ok(())
}

fn step(graph: &Graph<'_>, position: usize, is_built: bool, published: &BTreeSet<String>) -> Step {
    let node = graph.nodes()[position];
    let is_published = node.kind().is_kept() && node.writes().iter().all(|t| published.contains(*t));
    let action = match (is_built, is_published) {
        (true, _) => Action::Build,
        (false, true) => Action::Reuse,
        (false, false) => Action::Skip,
    };
    Step {
        name: node.name().to_owned(),
        area: node.area().to_owned(),
        kind: node.kind(),
        action,
        reads: node.reads().into_iter().map(str::to_owned).collect(),
        writes: node.writes().into_iter().map(str::to_owned).collect(),
    }
}
