//! Every run of a lake, one line each, and the reports of the last ones.
//!
//! ```text
//! <lake>/runs/2026-11.jsonl                 records of runs that ended in that month (UTC)
//! <lake>/runs/<run_id>/report.{json,md}
//! ```
//! A line is a `RunRecord` with `format_version`. What can't be read, such as a line that a crash has torn, is stepped over.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

use super::files::{append_line, replace};
use super::{RunRecord, RunReport, TellError, markdown};

/// The version of a line, `major.minor`: readers tolerate newer minors and step over newer majors.
const FORMAT_VERSION: &str = "1.0";
const SUPPORTED_MAJOR: u32 = 1;
/// Months of records that are kept, the current one included.
const MONTHS_KEPT: i32 = 24;
/// Reports that are kept.
const REPORTS_KEPT: usize = 100;
const RUNS: &str = "runs";
const REPORT_FILES: [&str; 2] = ["report.json", "report.md"];

/// The history of a lake.
#[derive(Debug, Clone)]
pub struct History {
    folder: PathBuf,
}

/// What was found in a history.
#[derive(Debug, Default, PartialEq)]
pub struct Found {
    /// Runs, the latest last.
    pub records: Vec<RunRecord>,
    /// Lines that could not be read.
    pub unreadable: usize,
}

#[derive(Serialize, Deserialize)]
struct Line {
    format_version: String,
    #[serde(flatten)]
    record: RunRecord,
}

impl History {
    /// The history of the lake in `lake`, which need not be there yet.
    #[must_use]
    pub fn of_lake(lake: &Path) -> Self {
        Self { folder: lake.join(RUNS) }
    }

    /// Appends a record, durably, and drops months that are older than two years.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn append(&self, record: &RunRecord) -> Result<(), TellError> {
        let line = serde_json::to_string(&Line { format_version: FORMAT_VERSION.to_owned(), record: record.clone() })?;
        let path = self.folder.join(format!("{}.jsonl", record.ended.format("%Y-%m")));
        append_line(&path, &line).map_err(TellError::write(&path))?;
        for (month, path) in self.months()? {
            if month <= months(record.ended) - MONTHS_KEPT {
                std::fs::remove_file(&path).map_err(TellError::write(&path))?;
            }
        }
        Ok(())
    }

    /// The last runs, at most `limit`.
    ///
    /// # Errors
    /// When the disk can't be read. A lake without a history has no runs.
    pub fn last(&self, limit: usize) -> Result<Found, TellError> {
        let mut found = Found::default();
        for (_, path) in self.months()?.into_iter().rev() {
            if found.records.len() >= limit {
                break;
            }
            // A crash may leave any bytes.
            let bytes = std::fs::read(&path).map_err(TellError::read(&path))?;
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.lines().filter(|line| !line.trim().is_empty()).map(read);
            let (read, torn): (Vec<_>, Vec<_>) = lines.partition(Option::is_some);
            found.unreadable += torn.len();
            found.records.splice(0..0, read.into_iter().flatten());
        }
        found.records.sort_by_key(|record| record.ended);
        found.records.drain(..found.records.len().saturating_sub(limit));
        Ok(found)
    }

    /// Where the report of a run is, for people.
    #[must_use]
    pub fn report(&self, run_id: &str) -> PathBuf {
        self.folder.join(run_id).join(REPORT_FILES[1])
    }

    /// Writes both files of a report, and drops the oldest ones.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub fn write_report(&self, report: &RunReport) -> Result<(), TellError> {
        let folder = self.folder.join(&report.run.run_id);
        let texts = [format!("{}\n", serde_json::to_string_pretty(report)?), markdown(report)];
        for (name, text) in REPORT_FILES.iter().zip(texts) {
            let path = folder.join(name);
            replace(&path, text.as_bytes()).map_err(TellError::write(&path))?;
        }
        let mut folders = self.entries()?;
        folders.retain(|path| path.is_dir());
        for old in folders.iter().rev().skip(REPORTS_KEPT) {
            drop_report(old).map_err(TellError::write(old))?;
        }
        Ok(())
    }

    /// Files of months with the month, ascending.
    fn months(&self) -> Result<Vec<(i32, PathBuf)>, TellError> {
        Ok(self.entries()?.into_iter().filter_map(|path| Some((month_of(&path)?, path))).collect())
    }

    /// What is in the folder, by name.
    fn entries(&self) -> Result<Vec<PathBuf>, TellError> {
        let listed = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed.and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()),
        };
        let mut paths = listed.map_err(TellError::read(&self.folder))?;
        paths.sort();
        Ok(paths)
    }
}

fn read(line: &str) -> Option<RunRecord> {
    let line: Line = serde_json::from_str(line).ok()?;
    let major: u32 = line.format_version.split_once('.')?.0.parse().ok()?;
    (major <= SUPPORTED_MAJOR).then_some(line.record)
}

/// Months since the beginning of our time.
fn months(moment: DateTime<Utc>) -> i32 {
    moment.year() * 12 + moment.month0() as i32
}

fn month_of(path: &Path) -> Option<i32> {
    let name = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
    let first = chrono::NaiveDate::parse_from_str(&format!("{name}-01"), "%Y-%m-%d").ok()?;
    Some(months(first.and_hms_opt(0, 0, 0)?.and_utc()))
}

/// Removes what a report is made of, and nothing that somebody has put beside it.
fn drop_report(folder: &Path) -> std::io::Result<()> {
    for name in REPORT_FILES {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match std::fs::remove_dir(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::DirectoryNotEmpty => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::super::record::tests::record;
    use super::*;

    const MINUTES_OF_A_DAY: i64 = 24 * 60;

    fn history() -> (tempfile::TempDir, History) {
        let folder = tempfile::tempdir().unwrap();
        let history = History::of_lake(folder.path());
        (folder, history)
    }

    #[test]
    fn the_last_runs_are_found_over_months() {
        let (_folder, history) = history();
        assert_eq!(history.last(5).unwrap(), Found::default());
        for day in [1, 31, 32, 60] {
            history.append(&record(&day.to_string(), day * MINUTES_OF_A_DAY, Outcome::Published)).unwrap();
        }
        let names = |limit| history.last(limit).unwrap().records.into_iter().map(|r| r.run_id).collect::<Vec<_>>();
        assert_eq!(names(2), ["32", "60"]);
        assert_eq!(names(usize::MAX), ["1", "31", "32", "60"]);
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let (_folder, history) = history();
        let runs = [record("a", 1, Outcome::Published), record("b", 2, Outcome::Failed)];
        runs.iter().for_each(|run| history.append(run).unwrap());
        assert_eq!(history.last(9).unwrap(), Found { records: runs.to_vec(), unreadable: 0 });
    }

    #[test]
    fn lines_of_crashes_and_of_later_versions_are_stepped_over() {
        let (folder, history) = history();
        history.append(&record("a", 1, Outcome::Published)).unwrap();
        let path = folder.path().join("runs/1970-01.jsonl");
        let line = std::fs::read_to_string(&path).unwrap();
        let (minor, major) = (line.replace("\"1.0\"", "\"1.9\",\"mood\":\"good\""), line.replace("\"1.0\"", "\"2.0\""));
        let mut bytes = format!("{line}\n{minor}{major}").into_bytes();
        bytes.extend(b"{\"format_version\": \"1.0\", \xff\xfe");
        std::fs::write(&path, bytes).unwrap();
        history.append(&record("b", 2, Outcome::Published)).unwrap();
        let found = history.last(9).unwrap();
        assert_eq!(found.records.iter().map(|r| r.run_id.as_str()).collect::<Vec<_>>(), ["a", "a", "b"]);
        assert_eq!(found.unreadable, 2);
    }

    #[test]
    fn months_of_long_ago_are_dropped() {
        let (folder, history) = history();
        for month in [0, 23, 24] {
            history.append(&record("x", month * 31 * MINUTES_OF_A_DAY, Outcome::Failed)).unwrap();
        }
        let mut left: Vec<_> = std::fs::read_dir(folder.path().join("runs")).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["1971-12.jsonl", "1972-01.jsonl"]);
    }

    #[test]
    fn the_last_reports_are_kept_and_nothing_else_is_touched() {
        let (folder, history) = history();
        let report = |at: usize| RunReport::of(record(&format!("{at:04}"), 1, Outcome::Failed));
        history.write_report(&report(0)).unwrap();
        std::fs::write(folder.path().join("runs/0000/note.txt"), "mine").unwrap();
        for at in 1..=REPORTS_KEPT + 1 {
            history.write_report(&report(at)).unwrap();
        }
        let is_there = |name: &str| folder.path().join("runs").join(name).exists();
        assert!(!is_there("0000/report.md") && is_there("0000/note.txt"));
        assert!(!is_there("0001") && is_there("0002/report.json") && is_there("0101/report.md"));
    }
}
