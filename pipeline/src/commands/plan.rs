//! `hachi plan`: the graph of tables, and what a run would do with each.

use std::collections::BTreeSet;
use std::path::Path;

use hachi_snapshot::Lake;

use super::{open, output};
use crate::models::{Action, Catalog, Kind, Plan, Selection, Step};
use crate::run::graph_of;

/// Arguments of `hachi plan`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Tables to build: `name`, `+name`, `name+`, `area:retention`; default: all
    #[arg(long, value_name = "TERM", num_args = 1..)]
    select: Vec<String>,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the plan; nothing is run or written.
pub fn plan(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, None, None)?;
    let catalog = Catalog::load(config.models.as_deref())?;
    open::block_on(1, async {
        let published = published(&config.lake).await?;
        let plan = Plan::new(&graph_of(&catalog)?, &Selection::parse(&arguments.select), &published)?;
        if arguments.json {
            output::print(format_args!("{}", serde_json::to_string_pretty(&plan)?))?;
        } else {
            output::print(format_args!(
                "{}",
                output::table(&["action", "kind", "area", "name", "reads"], plan.steps.iter().map(row).collect(), &[])
            ))?;
        }
        Ok(())
    })
}

/// Tables of the latest snapshot; none where there is no lake yet.
async fn published(lake: &Path) -> anyhow::Result<BTreeSet<String>> {
    if !lake.is_dir() {
        return Ok(BTreeSet::new());
    }
    let latest = Lake::local(lake)?.latest().await?;
    Ok(latest.manifest.into_iter().flat_map(|m| m.tables).map(|t| t.name).collect())
}

fn row(step: &Step) -> Vec<String> {
    let action = match step.action {
        Action::Build => "build",
        Action::Reuse => "reuse",
        Action::Skip => "skip",
    };
    let kind = match step.kind {
        Kind::Table => "table",
        Kind::State => "state",
        Kind::Scratch => "scratch",
        Kind::View => "view",
    };
    vec![action.to_owned(), kind.to_owned(), step.area.clone(), step.name.clone(), step.reads.join(", ")]
}
