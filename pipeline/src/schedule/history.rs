//! What is remembered of one job: the last time that ended in each way, and the one that is not ended yet.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

use super::{Job, Slot};

/// No pause before an attempt is longer, but for the share that parts jobs from each other.
const BACKOFF_MAX: Duration = Duration::from_hours(1);
/// The part of a pause that a job's name adds: less than a quarter of it.
const JITTER_SHARE: f64 = 0.25;

/// What an attempt's end means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It did what it should.
    Done,
    /// Another process is at work on the lake: not this attempt's fault, and not counted.
    Busy,
    /// It failed, and may succeed if tried again.
    MayPass,
    /// It failed, and will fail until a person changes something.
    CantPass,
}

/// A time that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When it was due.
    pub slot: Slot,
    /// When its last attempt ended.
    pub at: DateTime<Utc>,
    /// Attempts made.
    pub attempts: u32,
    /// How the last one ended, in words.
    pub how: String,
}

/// A time that has begun and is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// When it was due.
    pub slot: Slot,
    /// The attempt that runs, or ran when the machine stopped, or comes next; from 1.
    pub attempt: u32,
    /// When it comes; none while it runs.
    pub retry_at: Option<DateTime<Utc>>,
}

/// One job's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// When the job was first seen: times up to here are none of its.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// The last time that was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Ended>,
    /// The last that failed for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Ended>,
    /// The last that was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Slot>,
    /// The one that has begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Open>,
}

impl History {
    /// Every time up to this moment is over; none where the job was never seen.
    #[must_use]
    pub fn settled(&self) -> Option<DateTime<Utc>> {
        let ended = |ended: &Option<Ended>| ended.as_ref().map(|ended| ended.slot);
        [ended(&self.done), ended(&self.failed), self.skipped, self.since].into_iter().flatten().max()
    }

    /// Attempt `attempt` of `slot` begins.
    pub(super) fn begin(&mut self, slot: Slot, attempt: u32) {
        self.open = Some(Open { slot, attempt, retry_at: None });
    }

    /// The open attempt of `job` ended so; whether its time failed for good.
    pub(super) fn end(&mut self, job: &Job, (verdict, how): (Verdict, String), now: DateTime<Utc>) -> bool {
        let Some(Open { slot, attempt, .. }) = self.open.take() else { return false };
        let ended = Ended { slot, at: now, attempts: attempt, how };
        match verdict {
            Verdict::Done => self.done = Some(ended),
            Verdict::CantPass => self.failed = Some(ended),
            Verdict::MayPass if attempt > job.retries => self.failed = Some(ended),
            Verdict::MayPass => self.open = Some(Open { slot, attempt: attempt + 1, retry_at: Some(now + pause(job, attempt)) }),
            Verdict::Busy => self.open = Some(Open { slot, attempt, retry_at: Some(now + pause(job, 1)) }),
        }
        self.open.is_none() && verdict != Verdict::Done
    }
}

/// The pause after so many attempts. Its share by the job's name keeps jobs of many lakes from failing in step.
fn pause(job: &Job, attempts: u32) -> TimeDelta {
    let doublings = 2_u32.saturating_pow(attempts.saturating_sub(1));
    let pause = job.backoff.saturating_mul(doublings).min(BACKOFF_MAX.max(job.backoff));
    let share = XxHash64::oneshot(u64::from(attempts), job.name.as_bytes()) as f64 / u64::MAX as f64;
    let pause = pause.mul_f64(1.0 + JITTER_SHARE * share);
    TimeDelta::from_std(pause).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Busy, CantPass, Done, MayPass};
    use super::*;
    use crate::schedule::month::job;

    fn minutes(job: &Job, attempts: u32) -> f64 {
        pause(job, attempts).as_seconds_f64() / 60.0
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_are_a_jobs_own() {
        let job = job("nightly");
        for (attempts, least) in [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (40, 60.0)] {
            let pause = minutes(&job, attempts);
            assert!((least..=least * 1.25).contains(&pause), "{pause} after {attempts}");
        }
        assert_eq!(pause(&job, 3), pause(&job.clone(), 3));
        let other = Job { name: "hourly".to_owned(), ..job.clone() };
        assert_ne!(pause(&job, 3), pause(&other, 3));
        let patient = Job { backoff: Duration::from_hours(2), ..job };
        assert!(minutes(&patient, 1) >= 120.0, "what is configured longer is kept");
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let (job, slot) = (Job { retries: 2, ..job("nightly") }, DateTime::UNIX_EPOCH);
        let after = |verdicts: &[Verdict]| {
            let mut history = History::default();
            history.begin(slot, 1);
            for verdict in verdicts {
                let attempt = history.open.as_ref().expect("there is more to try").attempt;
                history.begin(slot, attempt);
                history.end(&job, (*verdict, "x".to_owned()), slot);
            }
            (history.done.map(|e| e.attempts), history.failed.map(|e| e.attempts), history.open.map(|o| o.attempt))
        };
        assert_eq!(after(&[Done]), (Some(1), None, None));
        assert_eq!(after(&[CantPass]), (None, Some(1), None));
        assert_eq!(after(&[MayPass]), (None, None, Some(2)));
        assert_eq!(after(&[MayPass, Done]), (Some(2), None, None));
        assert_eq!(after(&[MayPass, MayPass, MayPass]), (None, Some(3), None));
        assert_eq!(after(&[Busy, Busy, Busy, Busy, Done]), (Some(1), None, None));
    }
}
