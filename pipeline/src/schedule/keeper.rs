//! The loop: whatever is due begins, one job at a time; how it ended is remembered before anything else is looked at.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use tokio::time::timeout;

use super::child::{Ending, execute};
use super::due::{Due, due, since};
use super::{History, Job, ScheduleError, Slot, State, Verdict};

/// The clock is looked at this often, because clocks are set and machines sleep.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What the loop is given from outside.
#[derive(Debug, Clone, Copy)]
pub struct Doors<'a> {
    /// What jobs are arguments of.
    pub program: &'a Path,
    /// Arguments that stand before a job's own.
    pub common: &'a [String],
    /// The clock.
    pub now: fn() -> DateTime<Utc>,
    /// What an exit code means.
    pub verdict: fn(i32) -> Verdict,
}

/// How long the loop goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until it is told to stop.
    Told,
    /// Until what was due when it began is over, retries included.
    Over,
}

/// What is next among all jobs.
#[derive(Debug)]
pub(super) enum Turn<'a> {
    Begin {
        job: &'a Job,
        slot: Slot,
        attempt: u32,
    },
    /// The next moment at which anything may be due; none where nothing ever is.
    Wait(Option<DateTime<Utc>>),
}

/// Runs `jobs` when they are due, as long as `until` says and `stop` does not end.
///
/// # Errors
/// When what was done can't be remembered; of a loop that ends by itself, the last job that failed for good.
pub async fn keep(
    jobs: &[Job],
    state: &mut State,
    doors: Doors<'_>,
    (until, stop): (Until, impl Future<Output = ()>),
) -> Result<(), ScheduleError> {
    let (began, stop) = ((doors.now)(), stop.shared());
    if until == Until::Told {
        tell_next(jobs, began);
    }
    let mut outcome = Ok(());
    while stop.peek().is_none() {
        let now = (doors.now)();
        // A loop that ends by itself leaves to the next one what became due meanwhile.
        let latest = if until == Until::Over { began } else { now };
        match turn(jobs, state, (now, latest))? {
            Turn::Begin { job, slot, attempt } => {
                begin(state, job, (slot, attempt))?;
                let Some(ending) = attempt_of(job, (slot, attempt), doors, stop.clone()).await else { break };
                if end(state, job, ending, (doors.now)())? {
                    tracing::error!(job = job.name, %slot, "`{}` of {slot} failed for good", job.name);
                    outcome = Err(ScheduleError::Failed { job: job.name.clone(), slot });
                }
            }
            Turn::Wait(Some(next)) if until == Until::Told || jobs.iter().any(|job| state.history(&job.name).open.is_some()) => {
                let pause = (next - now).to_std().unwrap_or_default().min(LOOK_EVERY);
                // Either way the loop looks what is next.
                let _ = timeout(pause, stop.clone()).await;
            }
            Turn::Wait(_) => break,
        }
    }
    outcome
}

fn tell_next(jobs: &[Job], now: DateTime<Utc>) {
    for job in jobs {
        if let Some(next) = job.calendar.next(now) {
            tracing::info!(job = job.name, %next, "`{}` is due next at {next}", job.name);
        }
    }
}

/// What is next at `now`, of what was due up to `until`; times that are skipped are remembered as such.
pub(super) fn turn<'a>(
    jobs: &'a [Job],
    state: &mut State,
    (now, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Turn<'a>, ScheduleError> {
    let (mut begins, mut next) = (Vec::new(), None);
    for job in jobs {
        let mut history = state.history(&job.name);
        let moment = if history.open.is_some() { now } else { until };
        if history == History::default() {
            history.since = Some(since(job, moment));
            state.remember(&job.name, history.clone())?;
        }
        let mut owed = due(job, &history, moment);
        if let Due::Skip(slot) = owed {
            tracing::warn!(job = job.name, %slot, "`{}` did not run up to {slot}, and is not going to", job.name);
            history.skipped = Some(slot);
            owed = due(job, &history, moment);
            state.remember(&job.name, history)?;
        }
        match owed {
            Due::Begin { slot, attempt } => begins.push((job, slot, attempt)),
            Due::Wait(moment) if moment > now => next = Some(next.map_or(moment, |earliest: DateTime<Utc>| earliest.min(moment))),
            Due::Wait(_) | Due::Skip(_) | Due::Never => {}
        }
    }
    let first = begins.into_iter().min_by_key(|(job, slot, _)| (*slot, &job.name));
    Ok(first.map_or(Turn::Wait(next), |(job, slot, attempt)| Turn::Begin { job, slot, attempt }))
}

/// Remembers that an attempt begins, before it does.
pub(super) fn begin(state: &mut State, job: &Job, (slot, attempt): (Slot, u32)) -> Result<(), ScheduleError> {
    let mut history = state.history(&job.name);
    history.begin(slot, attempt);
    state.remember(&job.name, history)
}

/// Remembers how it ended; whether its time failed for good.
pub(super) fn end(state: &mut State, job: &Job, ending: (Verdict, String), now: DateTime<Utc>) -> Result<bool, ScheduleError> {
    let mut history = state.history(&job.name);
    let is_failed = history.end(job, ending, now);
    if let Some(again) = history.open.as_ref().and_then(|open| open.retry_at) {
        tracing::warn!(job = job.name, %again, "`{}` is tried again at {again}", job.name);
    }
    state.remember(&job.name, history)?;
    Ok(is_failed)
}

/// Runs one attempt and says how it ended; none if it was stopped, which leaves it to whoever schedules next.
async fn attempt_of(
    job: &Job,
    (slot, attempt): (Slot, u32),
    doors: Doors<'_>,
    stop: impl Future<Output = ()>,
) -> Option<(Verdict, String)> {
    let arguments = [doors.common, &job.arguments(slot)].concat();
    tracing::info!(job = job.name, %slot, attempt, "`{}` of {slot} begins: hachi {}", job.name, arguments.join(" "));
    let began = (doors.now)();
    let ending = execute((doors.program, &arguments), job.timeout, stop).await;
    let seconds = ((doors.now)() - began).num_seconds();
    let verdict = match &ending {
        Ok(Ending::Stopped) => {
            tracing::warn!(job = job.name, %slot, "`{}` of {slot} was stopped; it is run again when the schedule goes on", job.name);
            return None;
        }
        Ok(Ending::Exited(code)) => (doors.verdict)(*code),
        Ok(Ending::Signalled | Ending::TimedOut(_)) | Err(_) => Verdict::MayPass,
    };
    let how = ending.map_or_else(|error| format!("not started: {error}"), |ending| ending.to_string());
    tell(job, (slot, seconds), (verdict, &how));
    Some((verdict, how))
}

/// Says how an attempt ended.
fn tell(job: &Job, (slot, seconds): (Slot, i64), (verdict, how): (Verdict, &str)) {
    if verdict == Verdict::Done {
        tracing::info!(job = job.name, %slot, seconds, "`{}` of {slot} is done after {seconds} s", job.name);
    } else {
        tracing::warn!(job = job.name, %slot, seconds, "`{}` of {slot} failed after {seconds} s: {how}", job.name);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::schedule::month::job;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn verdict(code: i32) -> Verdict {
        if code == 0 { Verdict::Done } else { Verdict::CantPass }
    }

    /// Lets a shell do the work of a job; what is remembered of it.
    async fn kept(script: &str, until: Until, stop: impl Future<Output = ()>) -> (Result<(), ScheduleError>, crate::schedule::History) {
        let folder = tempfile::tempdir().expect("a writable folder");
        let mut state = State::load(&State::folder(folder.path())).expect("nothing is there yet");
        let jobs = [Job { command: vec![script.to_owned()], ..job("nightly") }];
        let common = ["-c".to_owned()];
        let doors = Doors { program: Path::new("/bin/sh"), common: &common, now, verdict };
        let ended = keep(&jobs, &mut state, doors, (until, stop)).await;
        (ended, State::load(&State::folder(folder.path())).expect("what was remembered").history("nightly"))
    }

    #[tokio::test]
    async fn a_loop_ends_when_all_is_over() {
        let (ended, history) = kept("exit 0", Until::Over, pending()).await;
        assert!(ended.is_ok() && history.done.is_some_and(|done| done.attempts == 1) && history.open.is_none());
        let (ended, history) = kept("exit 5", Until::Over, pending()).await;
        assert!(matches!(ended, Err(ScheduleError::Failed { job, .. }) if job == "nightly"));
        assert_eq!(history.failed.map(|failed| failed.how), Some("exit code 5".to_owned()));
    }

    #[tokio::test]
    async fn what_is_done_while_it_is_told_to_stop_is_remembered() {
        let folder = tempfile::tempdir().expect("a writable folder");
        let mark = folder.path().join("ready");
        let script = format!("trap 'exit 0' TERM; : >'{}'; while :; do sleep 0.01; done", mark.display());
        let is_ready = async {
            while !mark.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let (ended, history) = kept(&script, Until::Told, is_ready).await;
        assert!(ended.is_ok() && history.done.is_some() && history.open.is_none());
    }

    #[tokio::test]
    async fn what_is_stopped_stays_open() {
        let (ended, history) = kept("exec sleep 3600", Until::Told, async {}).await;
        assert!(ended.is_ok() && history.done.is_none(), "it was told before it began, and began nothing or ended it");
        assert!(history.open.is_none_or(|open| open.retry_at.is_none()));
    }
}
