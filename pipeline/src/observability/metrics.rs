//! What an operator's monitoring reads of runs: a file for the textfile collector of Prometheus' node exporter.
//!
//! Gauges alone: runs of months that were dropped are not counted any more, so nothing here only grows. What is not known of the
//! last run is left out.

use std::path::Path;
use std::sync::atomic::AtomicU64;

use chrono::{DateTime, NaiveDate, Utc};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::files::replace;
use super::{Outcome, RunRecord, TellError};

/// The moment at which a local day has ended.
pub type EndOfDay<'a> = dyn Fn(NaiveDate) -> DateTime<Utc> + 'a;

/// The metrics of `runs`, the last of which has just ended, as Prometheus text.
///
/// # Errors
/// None that a record could cause.
pub fn metrics(runs: &[RunRecord], end_of_day: &EndOfDay<'_>) -> Result<String, TellError> {
    let mut registry = Registry::with_prefix("hachi");
    if let Some(last) = runs.last() {
        of_last(&mut registry, last);
    }
    if let Some(published) = runs.iter().rfind(|run| run.outcome == Outcome::Published) {
        of_published(&mut registry, published, end_of_day);
    }
    let by_outcome = Family::<[(&'static str, String); 1], Gauge>::default();
    for outcome in [Outcome::Published, Outcome::Failed].iter().chain(runs.iter().map(|run| &run.outcome)) {
        let runs = runs.iter().filter(|run| run.outcome == *outcome).count();
        by_outcome.get_or_create(&[("outcome", outcome.as_str().to_owned())]).set(runs as i64);
    }
    registry.register("history_runs", "Runs of the last 24 months, by outcome", by_outcome);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn of_last(to: &mut Registry, run: &RunRecord) {
    number(to, ("run_last_timestamp_seconds", "When the last run ended"), Some(run.ended.timestamp()));
    number(to, ("run_exit_code", "Exit code of the last run"), Some(i64::from(run.exit_code)));
    seconds(to, ("run_duration_seconds", "Wall time of the last run"), run.seconds);
    let count = |count: Option<u64>| count.and_then(|count| i64::try_from(count).ok());
    number(to, ("run_peak_memory_bytes", "Most memory that the last run held at a time"), count(run.peak_memory_bytes));
    number(to, ("run_read_rows", "Rows that the last run found in all sources"), count(run.rows_read));
    number(to, ("run_kept_rows", "Those that are used"), count(run.rows_kept));
    number(to, ("run_rejected_rows", "Those that are not"), count(run.rows_rejected));
    number(to, ("run_written_rows", "Rows that the last run wrote"), count(run.rows_written));
    number(to, ("run_built_models", "Models and stages that the last run computed"), count(run.models_built));
    number(to, ("run_reused_models", "Models and stages that it named again"), count(run.models_reused));
}

fn of_published(to: &mut Registry, run: &RunRecord, end_of_day: &EndOfDay<'_>) {
    number(to, ("run_last_success_timestamp_seconds", "When the last run that published ended"), Some(run.ended.timestamp()));
    let snapshot = run.number.and_then(|number| i64::try_from(number).ok());
    number(to, ("run_snapshot_number", "Number of the snapshot that was published last"), snapshot);
    let moment = run.as_of.map(|moment| moment.timestamp());
    number(to, ("run_as_of_timestamp_seconds", "Moment that it describes"), moment);
    let watermark = run.watermark.map(|day| end_of_day(day).timestamp());
    number(to, ("run_watermark_timestamp_seconds", "End of the last local day that landed whole"), watermark);
}

fn number(to: &mut Registry, (name, help): (&str, &str), value: Option<i64>) {
    if let Some(value) = value {
        let gauge: Gauge = Gauge::default();
        gauge.set(value);
        to.register(name, help, gauge);
    }
}

fn seconds(to: &mut Registry, (name, help): (&str, &str), value: f64) {
    let gauge = Gauge::<f64, AtomicU64>::default();
    gauge.set(value);
    to.register(name, help, gauge);
}

/// Puts `text` in the place of the file that the collector reads.
///
/// # Errors
/// When the disk does not take it.
pub fn write_metrics(path: &Path, text: &str) -> Result<(), TellError> {
    replace(path, text.as_bytes()).map_err(TellError::write(path))
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;

    fn told(runs: &[RunRecord]) -> String {
        metrics(runs, &|day| day.and_hms_opt(16, 0, 0).unwrap_or_default().and_utc()).unwrap()
    }

    #[track_caller]
    fn assert_told(text: &str, lines: &[&str]) {
        lines.iter().for_each(|line| assert!(text.lines().any(|l| l == *line), "`{line}` is not in:\n{text}"));
    }

    #[test]
    fn a_failure_leaves_what_is_published() {
        let text = told(&[record("a", 10, Outcome::Published), record("b", 20, Outcome::Failed)]);
        assert_told(
            &text,
            &[
                "# TYPE hachi_run_duration_seconds gauge",
                "hachi_run_duration_seconds 60.5",
                "hachi_run_last_timestamp_seconds 1200",
                "hachi_run_last_success_timestamp_seconds 600",
                "hachi_run_exit_code 4",
                "hachi_run_snapshot_number 7",
                "hachi_run_watermark_timestamp_seconds 57600",
                "hachi_history_runs{outcome=\"published\"} 1",
                "hachi_history_runs{outcome=\"failed\"} 1",
            ],
        );
        assert!(!text.contains("hachi_run_read_rows"), "{text}");
    }

    #[test]
    fn before_the_first_success_nothing_is_said_of_one() {
        let text = told(&[record("a", 10, Outcome::Failed)]);
        assert_told(&text, &["hachi_history_runs{outcome=\"published\"} 0"]);
        assert!(!text.contains("success") && !text.contains("snapshot"), "{text}");
        let text = told(&[record("a", 10, Outcome::Published)]);
        assert_told(&text, &["hachi_run_read_rows 10", "hachi_run_rejected_rows 1", "hachi_run_peak_memory_bytes 5242880"]);
    }
}
