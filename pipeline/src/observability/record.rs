//! One run in a few words: a line of the history, and the head of its report.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// How one run went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Name of the run, as in the lake.
    pub run_id: String,
    /// The verb that ran: `run` or `demo`.
    pub command: String,
    /// When it started.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// Wall time in between.
    pub seconds: f64,
    /// How it ended.
    pub outcome: Outcome,
    /// Exit code of the program.
    pub exit_code: u8,
    /// What went wrong, as on stderr.
    pub error: Option<String>,
    /// Number of the snapshot that it published.
    pub number: Option<u64>,
    /// The moment that it describes; none where the run ended before that was known.
    pub as_of: Option<DateTime<Utc>>,
    /// Last local day that landed whole.
    pub watermark: Option<NaiveDate>,
    /// Rows of all sources; none where they were not counted.
    pub rows_read: Option<u64>,
    /// Those that are used.
    pub rows_kept: Option<u64>,
    /// Those that are not.
    pub rows_rejected: Option<u64>,
    /// Models and stages that were computed, in whole or for some days.
    pub models_built: Option<u64>,
    /// Those that were named again.
    pub models_reused: Option<u64>,
    /// Rows that were written.
    pub rows_written: Option<u64>,
    /// Most memory that the program held at a time, bytes; none where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
    /// Version of hachi.
    pub hachi: String,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// With a snapshot.
    Published,
    /// Without one.
    Failed,
    /// As a later version says it.
    #[serde(untagged)]
    Other(String),
}

impl Outcome {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Published => "published",
            Self::Failed => "failed",
            Self::Other(other) => other,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A run of a minute, the last of which ended `minutes` after the beginning of 1970.
    pub(in crate::observability) fn record(run_id: &str, minutes: i64, outcome: Outcome) -> RunRecord {
        let ended = DateTime::from_timestamp(minutes * 60, 0).unwrap();
        let is_published = outcome == Outcome::Published;
        RunRecord {
            run_id: run_id.to_owned(),
            command: "run".to_owned(),
            started: ended - chrono::TimeDelta::minutes(1),
            ended,
            seconds: 60.5,
            exit_code: if is_published { 0 } else { 4 },
            outcome,
            error: (!is_published).then(|| "a | b".to_owned()),
            number: is_published.then_some(7),
            as_of: Some(ended),
            watermark: is_published.then(|| ended.date_naive()),
            rows_read: is_published.then_some(10),
            rows_kept: is_published.then_some(9),
            rows_rejected: is_published.then_some(1),
            models_built: is_published.then_some(3),
            models_reused: is_published.then_some(2),
            rows_written: is_published.then_some(30),
            peak_memory_bytes: Some(5 << 20),
            hachi: "0.1.0".to_owned(),
        }
    }

    #[test]
    fn an_outcome_of_a_later_version_is_kept_as_it_is() {
        let read: Outcome = serde_json::from_str("\"stopped\"").unwrap();
        assert_eq!((read.as_str(), serde_json::to_string(&read).unwrap().as_str()), ("stopped", "\"stopped\""));
        assert_eq!(serde_json::from_str::<Outcome>("\"failed\"").unwrap(), Outcome::Failed);
    }
}
