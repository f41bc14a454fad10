//! `hachi demo`: everything once, on the sample data, for someone who has just arrived.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, NaiveDate, Utc};
use hachi_serving::Options;

use super::watch::Watch;
use super::{open, run, serve, summary};
use crate::domain::raw_tables::RawTable;
use crate::models::Selection;
use crate::run::{Extent, Project};
use crate::sources::{self, Located};

/// The sidecar of a demo looks for a new snapshot this often, seconds.
const POLL_SECONDS: u64 = 2;

/// Members of the sample that are looked at for one with a list.
const CANDIDATES: usize = 50;

/// Arguments of `hachi demo`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// End after publishing
    #[arg(long)]
    no_serve: bool,
    /// The lake to publish to; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Where to serve; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
}

/// Builds, shows and serves.
pub fn demo(path: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(path, arguments.lake.as_deref(), None)
        .context("the demo runs in a clone of the project, where `hachi.toml` and `data/sample` are")?;
    let project = open::project(config)?;
    let threads = project.config.engine.threads;
    let located = open::block_on(threads, async { Ok(project.locate(&project.sources_options()).await?) })?;
    let as_of = as_of(&located, &project)?;
    let mut watch = Watch::start("demo", path, arguments.lake.as_deref());
    let published = open::block_on(threads, run::publish(&project, as_of, (Selection::default(), Extent::default()), &mut watch));
    let report = watch.end(published)?;
    open::block_on(threads, async {
        let ids = sources::first_members(&located, CANDIDATES)?;
        let member = summary::first_with_list(&project, &ids).await?;
        summary::print_demo(&project, &report, member.as_deref()).await?;
        if arguments.no_serve {
            return Ok(());
        }
        let options = Options {
            lake: project.config.lake.clone(),
            store: project.config.store.clone(),
            listen: arguments.listen,
            pseudonym_key: Some(open::key_path(&project.config)?),
            tokens: None,
            cors: Vec::new(),
            feedback: None,
            feedback_limit_mib: serve::FEEDBACK_LIMIT_MIB,
            poll_seconds: POLL_SECONDS,
        };
        serve::run(options, |address| summary::print_urls(address, member.as_deref())).await
    })
}

/// The first moment after the last day that has landed: the sample's own today, so that a demo is the same on any day.
fn as_of(located: &Located, project: &Project) -> anyhow::Result<DateTime<Utc>> {
    let landed = located.latest_day(RawTable::AccessLog, NaiveDate::MAX);
    let landed = landed.context("the sample's access log has no day folders; restore `data/sample` from the repository")?;
    run::start_of(landed.succ_opt().unwrap_or(landed), project.config.timezone)
}
