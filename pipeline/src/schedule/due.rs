//! What one job owes at a moment. Pure: nothing is read, nothing is remembered.

use chrono::{DateTime, TimeDelta, Utc};

use super::{History, Job, Missed, Slot};

/// A job that skips what it missed still runs a time that is no longer ago than this.
const ON_TIME: TimeDelta = TimeDelta::minutes(15);

/// What comes next for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// All times up to this one are skipped.
    Skip(Slot),
    /// An attempt of this time begins.
    Begin {
        /// When it was due.
        slot: Slot,
        /// From 1.
        attempt: u32,
    },
    /// Nothing, until this moment.
    Wait(DateTime<Utc>),
    /// Nothing, ever.
    Never,
}

/// Up to where the times of a `job` that is first seen at `now` are none of its: it owes the latest.
pub(super) fn since(job: &Job, now: DateTime<Utc>) -> DateTime<Utc> {
    job.calendar.latest(now).map_or(now, |latest| latest - TimeDelta::seconds(1))
}

/// What `job` owes at `now`, by what is remembered of it.
pub(super) fn due(job: &Job, history: &History, now: DateTime<Utc>) -> Due {
    if let Some(open) = &history.open {
        // One that was running when the machine stopped is run again: the same attempt, because nobody knows how it ended.
        return match open.retry_at.filter(|at| *at > now) {
            Some(at) => Due::Wait(at),
            None => Due::Begin { slot: open.slot, attempt: open.attempt },
        };
    }
    let calendar = &job.calendar;
    let Some(next) = calendar.next(history.settled().unwrap_or_else(|| since(job, now))) else { return Due::Never };
    if next > now {
        return Due::Wait(next);
    }
    let latest = calendar.latest(now).unwrap_or(next);
    match job.missed {
        Missed::RunAll => Due::Begin { slot: next, attempt: 1 },
        Missed::Skip if now - latest > ON_TIME => Due::Skip(latest),
        Missed::Skip | Missed::RunOnce if next < latest => Due::Skip(calendar.latest(latest - TimeDelta::seconds(1)).unwrap_or(next)),
        Missed::Skip | Missed::RunOnce => Due::Begin { slot: latest, attempt: 1 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::month::job;
    use crate::schedule::{Calendar, Open};

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-06-{text}:00Z").parse().expect("a time")
    }

    fn due_at(missed: Missed, history: &History, now: &str) -> Due {
        let calendar = Calendar::new("30 3 * * *", chrono_tz::UTC).expect("a cron expression");
        due(&Job { calendar, missed, ..job("nightly") }, history, at(now))
    }

    fn begin(slot: &str) -> Due {
        Due::Begin { slot: at(slot), attempt: 1 }
    }

    const ALL: [Missed; 3] = [Missed::Skip, Missed::RunOnce, Missed::RunAll];

    fn skipped(slot: &str) -> History {
        History { skipped: Some(at(slot)), ..History::default() }
    }

    #[test]
    fn what_is_on_time_runs_whatever_the_policy() {
        for missed in ALL {
            assert_eq!(due_at(missed, &skipped("09T03:30"), "10T03:29"), Due::Wait(at("10T03:30")));
            assert_eq!(due_at(missed, &skipped("09T03:30"), "10T03:30"), begin("10T03:30"));
            assert_eq!(due_at(missed, &skipped("10T03:30"), "10T03:30"), Due::Wait(at("11T03:30")));
            assert_eq!(due_at(missed, &History::default(), "10T03:40"), begin("10T03:30"));
        }
    }

    #[test]
    fn what_was_missed_is_skipped_or_caught_up_with() {
        let three_days = |missed| due_at(missed, &skipped("06T03:30"), "10T03:31");
        assert_eq!(three_days(Missed::RunAll), begin("07T03:30"));
        assert_eq!(three_days(Missed::RunOnce), Due::Skip(at("09T03:30")));
        assert_eq!(three_days(Missed::Skip), Due::Skip(at("09T03:30")));
        assert_eq!(due_at(Missed::RunOnce, &skipped("09T03:30"), "10T14:00"), begin("10T03:30"));
        assert_eq!(due_at(Missed::Skip, &skipped("09T03:30"), "10T14:00"), Due::Skip(at("10T03:30")));
        assert_eq!(due_at(Missed::Skip, &skipped("06T03:30"), "10T14:00"), Due::Skip(at("10T03:30")));
        assert_eq!(due_at(Missed::RunAll, &History::default(), "10T14:00"), begin("10T03:30"), "nothing is known of the days before");
    }

    #[test]
    fn what_has_begun_comes_first() {
        let open = |retry_at: Option<&str>| History {
            open: Some(Open { slot: at("08T03:30"), attempt: 2, retry_at: retry_at.map(at) }),
            ..skipped("07T03:30")
        };
        let again = Due::Begin { slot: at("08T03:30"), attempt: 2 };
        for missed in ALL {
            assert_eq!(due_at(missed, &open(None), "10T14:00"), again, "the machine stopped while it ran");
            assert_eq!(due_at(missed, &open(Some("10T14:01")), "10T14:00"), Due::Wait(at("10T14:01")));
            assert_eq!(due_at(missed, &open(Some("10T14:00")), "10T14:00"), again);
        }
    }

    #[test]
    fn clocks_that_go_back_repeat_nothing() {
        for missed in ALL {
            assert_eq!(due_at(missed, &skipped("10T03:30"), "02T00:00"), Due::Wait(at("11T03:30")));
        }
    }
}
