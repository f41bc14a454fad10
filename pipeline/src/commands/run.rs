//! `hachi run`: build the tables and publish a snapshot.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use chrono::{DateTime, NaiveDate, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;
use hachi_snapshot::Keep;
use serde_json::{Map, Value, json};

use super::record::Record;
use super::summary::{self, Facts};
use super::watch::{Published, Watch};
use super::{exit, open, output, progress, settle};
use crate::domain::day_set::DaySet;
use crate::models::Selection;
use crate::publish::WriterLock;
use crate::run::{Extent, Project, RunRequest, lake_of, run as run_project};

/// Arguments of `hachi run`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    extent: Extents,
    /// Tables to build: `name`, `+name` (with what it needs), `name+` (with what reads it), `area:retention`; default: all
    #[arg(long, value_name = "TERM", num_args = 1..)]
    select: Vec<String>,
    /// Threads of the engine and the solvers; default: as configured, else all cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// The lake to publish to; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

/// How much a run builds, and as of when.
#[derive(Debug, clap::Args)]
pub struct Extents {
    /// The moment the snapshot describes, as RFC 3339 or a local day (its first moment); default: now
    #[arg(long, value_name = "TIME")]
    as_of: Option<AsOf>,
    /// Build everything again, whatever has changed
    #[arg(long, conflicts_with_all = ["from", "to"])]
    full: bool,
    /// Build these days again besides what has changed: from this local day on
    #[arg(long, value_name = "DAY")]
    from: Option<NaiveDate>,
    /// ... up to this local day; default: that of `as_of`
    #[arg(long, value_name = "DAY", requires = "from")]
    to: Option<NaiveDate>,
}

/// `--as-of` as typed.
#[derive(Debug, Clone, Copy)]
enum AsOf {
    Moment(DateTime<Utc>),
    /// A local day, for its first moment.
    Day(NaiveDate),
}

impl FromStr for AsOf {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(day) = text.parse() {
            return Ok(Self::Day(day));
        }
        let moment = DateTime::parse_from_rfc3339(text);
        moment.map(|m| Self::Moment(m.to_utc())).map_err(|_| "expected a time such as 2026-04-01T00:00:00Z or a day such as 2026-04-01")
    }
}

/// Builds and publishes, then says what came out.
pub fn run(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let mut watch = Watch::start("run", config, arguments.lake.as_deref());
    let published = build(config, arguments, &mut watch);
    let report = watch.end(published)?;
    if arguments.json { output::print(serde_json::to_string_pretty(&report)?) } else { summary::print_run(&report) }
}

fn build(config: &Path, arguments: &Arguments, watch: &mut Watch) -> anyhow::Result<Published> {
    let threads = arguments.threads.map(usize::from);
    let project = open::project(open::config(config, arguments.lake.as_deref(), threads)?)?;
    let as_of = arguments.extent.as_of(&project)?;
    let selection = Selection::parse(&arguments.select);
    let extent = arguments.extent.extent(&project, as_of)?;
    open::block_on(project.config.engine.threads, publish(&project, as_of, (selection, extent), watch))
}

impl Extents {
    /// The moment asked for; else now, in whole seconds: finer than anything that a snapshot describes.
    pub fn as_of(&self, project: &Project) -> anyhow::Result<DateTime<Utc>> {
        match self.as_of {
            None => Ok(open::now().trunc_subsecs(0)),
            Some(AsOf::Moment(moment)) => Ok(moment),
            Some(AsOf::Day(day)) => start_of(day, project.config.timezone),
        }
    }

    /// How much is built, as asked for.
    pub fn extent(&self, project: &Project, as_of: DateTime<Utc>) -> anyhow::Result<Extent> {
        Ok(match (self.full, self.from) {
            (true, _) => Extent::Full,
            (false, None) => Extent::Changes,
            (false, Some(from)) => {
                let to = self.to.unwrap_or_else(|| as_of.with_timezone(&project.config.timezone).date_naive());
                if to < from {
                    anyhow::bail!("`--to {to}` is before `--from {from}`; give the earlier day as `--from`");
                }
                Extent::Days(DaySet::range(from.to_epoch_days(), to.to_epoch_days()))
            }
        })
    }
}

/// Runs `project` under a progress bar, with the one place among those who write to its lake.
pub async fn publish(project: &Project, as_of: DateTime<Utc>, what: (Selection, Extent), watch: &mut Watch) -> anyhow::Result<Published> {
    let lock = open::writer(&project.config.lake, &format!("run `{}`", watch.run_id()))?;
    Box::pin(publish_under(&lock, (project, as_of), (what, project.config.keep), watch)).await
}

/// The same for who has that place already, and says which older snapshots must stay.
pub async fn publish_under(
    _: &WriterLock,
    (project, as_of): (&Project, DateTime<Utc>),
    ((selection, extent), keep): ((Selection, Extent), Keep),
    watch: &mut Watch,
) -> anyhow::Result<Published> {
    watch.begins(as_of);
    let (bar, stop) = (progress::steps(), open::stop()?);
    let request = RunRequest { as_of, run_id: watch.run_id().to_owned(), selection, extent, keep, asked_at: open::now() };
    let lake = lake_of(&project.config)?;
    lake.probe(&request.run_id).await?;
    let record = Record::begin(&lake, "run", details(&request)).await?;
    let outcome = run_project(project, &request, (&|event| progress::observe(&bar, &event), &stop)).await.map_err(anyhow::Error::from);
    bar.finish_and_clear();
    record.end_or_warn(&outcome, "published", |outcome| Some(outcome.manifest.number)).await;
    let outcome = outcome?;
    let facts = Facts::of(&project.config, &outcome.manifest).await.unwrap_or_else(|error| {
        tracing::warn!("the snapshot is published, but the report lacks what it says: {}", exit::words(&error));
        Facts::default()
    });
    settle::after_commit(&project.config).await;
    Ok(Published { outcome, facts, config: project.config.clone() })
}

/// What matters of a request to whoever reads the audit log.
fn details(request: &RunRequest) -> Map<String, Value> {
    let extent = match &request.extent {
        Extent::Changes => json!("changes"),
        Extent::Days(days) => json!(days.to_string()),
        Extent::Full => json!("full"),
    };
    let terms = json!(request.selection.terms());
    [("run_id", json!(request.run_id)), ("as_of", json!(request.as_of)), ("extent", extent), ("select", terms)]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// The first moment of a local day.
pub fn start_of(day: NaiveDate, zone: Tz) -> anyhow::Result<DateTime<Utc>> {
    let midnight = day.and_hms_opt(0, 0, 0).context("a day without a midnight")?;
    let micros = crate::domain::timestamps::local_to_micros(midnight, zone);
    Utc.timestamp_micros(micros).single().with_context(|| format!("`{day}` is outside the calendar"))
}
