//! `hachi plan`: the graph of tables, what a run would do with each, with which days, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::run::Extents;
use super::{open, output};
use crate::models::{Action, Catalog, Kind, Plan, Selection, Step};
use crate::run::{Foreseen, Outlook, RunRequest, foresee, graph_of};

/// Widest cell of the table, characters.
const CELL_CHARS: usize = 60;

/// Arguments of `hachi plan`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Tables to build: `name`, `+name`, `name+`, `area:retention`; default: all
    #[arg(long, value_name = "TERM", num_args = 1..)]
    select: Vec<String>,
    #[command(flatten)]
    extent: Extents,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
}

/// A node with what a run would do with it.
#[derive(Debug, Serialize)]
struct Planned {
    #[serde(flatten)]
    step: Step,
    /// What would become of its rows; absent where nothing has been published yet, since then all are built.
    #[serde(skip_serializing_if = "Option::is_none")]
    foreseen: Option<Foreseen>,
}

/// Prints the plan; nothing is published.
pub fn plan(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, None, None)?;
    let selection = Selection::parse(&arguments.select);
    let steps = if config.lake.is_dir() || config.home.is_some() {
        let project = open::project(config)?;
        let as_of = arguments.extent.as_of(&project)?;
        let extent = arguments.extent.extent(&project, as_of)?;
        let (keep, asked_at) = (project.config.keep, open::now());
        let request = RunRequest { as_of, run_id: open::run_id(), selection, extent, keep, asked_at };
        let mut foreseen = BTreeMap::new();
        open::block_on(project.config.engine.threads, async {
            foreseen.extend(foresee(&project, &request).await?);
            Ok(())
        })?;
        let graph = project.graph()?;
        let published = graph.nodes().iter().flat_map(|n| n.writes()).map(str::to_owned).collect();
        let plan = Plan::new(&graph, &request.selection, &published)?;
        plan.steps.into_iter().map(|step| Planned { foreseen: foreseen.remove(&step.name), step }).collect()
    } else {
        let catalog = Catalog::load(config.models.as_deref())?;
        let plan = Plan::new(&graph_of(&catalog)?, &selection, &BTreeSet::new())?;
        plan.steps.into_iter().map(|step| Planned { step, foreseen: None }).collect::<Vec<_>>()
    };
    if arguments.json {
        output::print(format_args!("{}", serde_json::to_string_pretty(&serde_json::json!({ "steps": steps }))?))?;
    } else {
        let head = ["action", "kind", "area", "name", "days", "why"];
        let needed = needed(&steps);
        output::print(format_args!("{}", output::table(&head, steps.iter().map(|s| row(s, &needed)).collect(), &[])))?;
    }
    Ok(())
}

/// Names of the tables that something which is computed reads.
fn needed(steps: &[Planned]) -> BTreeSet<&str> {
    let mut needed = BTreeSet::new();
    for planned in steps.iter().rev() {
        let is_read = planned.step.writes.iter().any(|table| needed.contains(table.as_str()));
        let is_computed = match planned.foreseen.as_ref().map(|f| &f.outlook) {
            Some(Outlook::Needed) => is_read,
            Some(Outlook::Keep | Outlook::Rewrite) => false,
            Some(Outlook::Build | Outlook::Days) | None => planned.step.action == Action::Build,
        };
        if is_computed {
            needed.extend(planned.step.reads.iter().map(String::as_str));
        }
    }
    needed
}

fn row(planned: &Planned, needed: &BTreeSet<&str>) -> Vec<String> {
    let step = &planned.step;
    let action = match (step.action, planned.foreseen.as_ref().map(|f| &f.outlook)) {
        (_, Some(Outlook::Rewrite)) => "rewrite",
        (Action::Reuse, _) | (Action::Build, Some(Outlook::Keep)) => "reuse",
        (Action::Build, Some(Outlook::Days)) => "days",
        (Action::Build, Some(Outlook::Needed)) if needed.contains(step.name.as_str()) => "needed",
        (Action::Skip, _) | (Action::Build, Some(Outlook::Needed)) => "skip",
        (Action::Build, _) => "build",
    };
    let kind = match step.kind {
        Kind::Table => "table",
        Kind::State => "state",
        Kind::Scratch => "scratch",
        Kind::View => "view",
    };
    let (days, why) = planned.foreseen.as_ref().map(|f| (f.days.clone(), f.reasons.join("; "))).unwrap_or_default();
    vec![action.to_owned(), kind.to_owned(), step.area.clone(), step.name.clone(), cut(&days), cut(&why)]
}

/// A text that leaves room for others; all of it is in the JSON.
fn cut(text: &str) -> String {
    if text.chars().count() <= CELL_CHARS {
        return text.to_owned();
    }
    text.chars().take(CELL_CHARS - 1).chain(['…']).collect()
}
