//! `hachi schedule`: what `hachi.toml` says, when it says so.

use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use clap::{Parser, ValueEnum};
use hachi_serving::{LogFormat, told_to_stop};
use serde::Serialize;

use super::{Cli, Command, exit, open, output};
use crate::config::ConfigError;
use crate::schedule::{Doors, History, Job, Open, State, Until, keep};

/// Times to come that a list tells.
const TOLD: usize = 3;

/// Arguments of `hachi schedule`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without an option it runs until SIGTERM or SIGINT, which a run under way is told too, and waited for. What has run is remembered in
the lake, so that each time runs once whoever schedules next: a service that runs for ever, or `--once` from cron, systemd or
Kubernetes every few minutes. A time in whose middle the machine stopped is run again.

Examples:
  hachi schedule --list
  hachi schedule --once")]
pub struct Arguments {
    /// Run what is due now, with its retries, and end; the exit code tells whether any of it failed
    #[arg(long)]
    once: bool,
    /// Show the jobs, how they ended last, and when they run next
    #[arg(long, conflicts_with = "once")]
    list: bool,
    /// Print the list as JSON
    #[arg(long, requires = "list")]
    json: bool,
}

/// Runs the jobs of `config`, or lists them.
pub fn schedule(config: &Path, (arguments, logs): (&Arguments, LogFormat)) -> anyhow::Result<()> {
    let (file, config) = (config, open::config(config, None, None)?);
    if config.jobs.is_empty() {
        return Err(ConfigError::NoJobs.into());
    }
    understand(&config.jobs)?;
    let folder = State::folder(&config.lake);
    if arguments.list {
        return list(&config.jobs, &State::load(&folder)?, arguments);
    }
    let _lock = open::writer(&folder, "schedule")?;
    let mut state = State::load(&folder)?;
    let program = std::env::current_exe().context("failed to find the program's own file, which the jobs run")?;
    let common = common(file, logs)?;
    let doors = Doors { program: &program, common: &common, now: open::now, verdict: exit::verdict };
    let until = if arguments.once { Until::Over } else { Until::Told };
    open::block_on(1, async { Ok(keep(&config.jobs, &mut state, doors, (until, told_to_stop()?)).await?) })
}

/// Whether each job's command is one that hachi has and that ends by itself: better told now than at night.
///
/// # Errors
/// The first that is not.
pub fn understand(jobs: &[Job]) -> Result<(), ConfigError> {
    for job in jobs {
        let arguments = job.arguments(DateTime::UNIX_EPOCH);
        let expected = match Cli::try_parse_from(["hachi"].into_iter().chain(arguments.iter().map(String::as_str))) {
            Ok(Cli { command: Command::Schedule(_) | Command::Serve(_) | Command::Demo(_), .. }) => {
                "a command that ends by itself".to_owned()
            }
            Ok(_) => continue,
            Err(error) => format!("arguments of hachi ({})", error.to_string().lines().next().unwrap_or_default()),
        };
        let key = format!("schedule.jobs.{}.command", job.name);
        return Err(ConfigError::Value { key, value: job.command.join(" "), expected });
    }
    Ok(())
}

/// What every child is told that we were.
fn common(config: &Path, logs: LogFormat) -> anyhow::Result<Vec<String>> {
    let config = config.to_str().with_context(|| format!("`{}` is no text; give the configuration another name", config.display()))?;
    let logs = logs.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    Ok(["--config", config, "--log-format", &logs].map(str::to_owned).to_vec())
}

/// A job as a list tells it.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    name: &'a str,
    cron: &'a str,
    timezone: &'static str,
    command: &'a [String],
    #[serde(flatten)]
    history: History,
    next: Vec<DateTime<Utc>>,
}

fn list(jobs: &[Job], state: &State, arguments: &Arguments) -> anyhow::Result<()> {
    let now = open::now();
    let listed = jobs.iter().map(|job| Listed {
        name: &job.name,
        cron: job.calendar.text(),
        timezone: job.calendar.zone().name(),
        command: &job.command,
        history: state.history(&job.name),
        next: std::iter::successors(job.calendar.next(now), |slot| job.calendar.next(*slot)).take(TOLD).collect(),
    });
    if arguments.json {
        let jobs: Vec<Listed<'_>> = listed.collect();
        return output::print(serde_json::to_string_pretty(&serde_json::json!({ "jobs": jobs }))?);
    }
    let rows = listed.zip(jobs).map(|(listed, job)| row(&listed, job.calendar.zone())).collect();
    output::print(output::table(&["job", "cron", "time zone", "command", "last", "next"], rows, &[]))
}

fn row(listed: &Listed<'_>, zone: Tz) -> Vec<String> {
    let next = listed.next.first().map(|slot| local(*slot, zone)).unwrap_or_default();
    let texts = [listed.name, listed.cron, listed.timezone, &listed.command.join(" ")];
    texts.into_iter().map(str::to_owned).chain([last(&listed.history, zone), next]).collect()
}

/// What became of the latest time, in words.
fn last(history: &History, zone: Tz) -> String {
    if let Some(Open { slot, attempt, retry_at }) = &history.open {
        let (slot, attempt) = (local(*slot, zone), format!("attempt {attempt}"));
        return retry_at
            .map_or_else(|| format!("{slot} began, {attempt}"), |at| format!("{slot} comes again at {}, {attempt}", local(at, zone)));
    }
    let done = history.done.iter().map(|ended| (ended.slot, "done".to_owned()));
    let failed = history.failed.iter().map(|ended| (ended.slot, format!("failed: {}", ended.how)));
    let skipped = history.skipped.iter().map(|slot| (*slot, "skipped".to_owned()));
    let latest = done.chain(failed).chain(skipped).max();
    latest.map_or_else(|| "never ran".to_owned(), |(slot, how)| format!("{} {how}", local(slot, zone)))
}

fn local(moment: DateTime<Utc>, zone: Tz) -> String {
    moment.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false)
}
