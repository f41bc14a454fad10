//! A run from its first moment to its last, told to whoever was not there: log, history, report, metrics and lineage events.
//!
//! Whatever can't be told is warned of, and changes nothing about the run.

mod datasets;
mod published;

use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};

use super::{exit, open};
use crate::config::Places;
use crate::domain::timestamps::end_of_day_micros;
use crate::observability::{History, Job, Outcome, RunRecord, RunReport, TellError, end_event, metrics, send, start_event, write_metrics};

pub use published::Published;

/// Digits of times behind the second: nobody reads more.
const MILLIS: u16 = 3;

/// A run that is being watched.
#[derive(Debug)]
pub struct Watch {
    started: DateTime<Utc>,
    clock: Instant,
    places: Option<Places>,
    command: &'static str,
    job: Job,
    as_of: Option<DateTime<Utc>>,
}

impl Watch {
    /// Starts the clock for `command`, which reads `config` and publishes to `lake`, else where the configuration says.
    #[expect(clippy::disallowed_methods, reason = "a run is timed here, for people")]
    pub fn start(command: &'static str, config: &Path, lake: Option<&Path>) -> Self {
        let (started, clock) = (open::now().trunc_subsecs(MILLIS), Instant::now());
        let mut places = Places::read(config);
        if let Some(lake) = lake {
            lake.clone_into(&mut places.get_or_insert_default().lake);
        }
        let job = Job { namespace: open::lineage_namespace(), name: format!("hachi.{command}"), run_id: open::run_id(), started };
        let watch = Self { started, clock, places, command, job, as_of: None };
        watch.emit(&start_event(&watch.job));
        watch
    }

    /// Name of the run.
    pub fn run_id(&self) -> &str {
        &self.job.run_id
    }

    /// It is known what the run is to describe.
    pub fn begins(&mut self, as_of: DateTime<Utc>) {
        self.as_of = Some(as_of);
        let lake = self.places.as_ref().map(|places| places.lake.display().to_string());
        tracing::info!(run_id = self.run_id(), command = self.command, as_of = %as_of.to_rfc3339(), lake, "the run starts");
    }

    /// Tells how it went.
    ///
    /// # Errors
    /// The run's own.
    pub fn end(self, ran: anyhow::Result<Published>) -> anyhow::Result<RunReport> {
        let report = self.report(&ran);
        log(&report.run);
        if let Some(places) = &self.places {
            let history = History::of_lake(&places.lake);
            warned(history.append(&report.run));
            warned(history.write_report(&report));
            warned(write_gauges(places, &history, &report.run));
        }
        let (inputs, outputs) = ran.as_ref().map(datasets::datasets).unwrap_or_default();
        self.emit(&end_event(&self.job, &report.run, (&inputs, &outputs)));
        ran.map(|_| report)
    }

    fn emit(&self, event: &serde_json::Value) {
        if let Some(target) = self.places.as_ref().and_then(|places| places.observability.lineage.as_ref()) {
            warned(send(target, open::lineage_key().as_deref(), event));
        }
    }

    fn report(&self, ran: &anyhow::Result<Published>) -> RunReport {
        let mut report = RunReport::of(self.record(ran.as_ref().err()));
        match ran {
            Ok(published) => published.fill(&mut report),
            Err(_) => report.lake = self.places.as_ref().map(|places| places.lake.clone()).unwrap_or_default(),
        }
        report
    }

    /// What is known of every run.
    fn record(&self, error: Option<&anyhow::Error>) -> RunRecord {
        RunRecord {
            run_id: self.run_id().to_owned(),
            command: self.command.to_owned(),
            started: self.started,
            ended: open::now().trunc_subsecs(MILLIS),
            seconds: (self.clock.elapsed().as_secs_f64() * 1e3).round() / 1e3,
            outcome: if error.is_none() { Outcome::Published } else { Outcome::Failed },
            exit_code: error.map_or(0, exit::code),
            error: error.map(exit::words),
            number: None,
            as_of: self.as_of,
            watermark: None,
            rows_read: None,
            rows_kept: None,
            rows_rejected: None,
            models_built: None,
            models_reused: None,
            rows_written: None,
            peak_memory_bytes: open::peak_memory_bytes(),
            hachi: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// The one line that says how a run ended.
fn log(run: &RunRecord) {
    tracing::info!(
        run_id = run.run_id,
        outcome = run.outcome.as_str(),
        exit_code = run.exit_code,
        number = run.number,
        rows_read = run.rows_read,
        rows_kept = run.rows_kept,
        rows_rejected = run.rows_rejected,
        rows_written = run.rows_written,
        models_built = run.models_built,
        models_reused = run.models_reused,
        seconds = run.seconds,
        peak_memory_bytes = run.peak_memory_bytes,
        "the run has ended"
    );
}

/// Writes the metrics, where they are asked for. Where the history can't be read, they are those of this run.
fn write_gauges(places: &Places, history: &History, run: &RunRecord) -> Result<(), TellError> {
    let Some(path) = &places.observability.metrics_file else { return Ok(()) };
    let mut runs = history.last(usize::MAX).unwrap_or_default().records;
    // Another run may have ended meanwhile, and this one may not be in the history.
    runs.retain(|other| other.run_id != run.run_id);
    runs.push(run.clone());
    let end_of_day = |day: NaiveDate| DateTime::from_timestamp_micros(end_of_day_micros(day, places.timezone)).unwrap_or_default();
    write_metrics(path, &metrics(&runs, &end_of_day)?)
}

fn warned<T>(told: Result<T, TellError>) {
    if let Err(error) = told {
        tracing::warn!("the run is as it is, but not all of it is told: {}", exit::words(&error.into()));
    }
}
