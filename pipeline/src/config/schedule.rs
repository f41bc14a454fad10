//! The jobs of `[schedule.jobs.…]`: what runs when, checked.

use std::time::Duration;

use chrono_tz::Tz;

use super::ConfigError;
use super::declared::snake_case;
use super::file::{self, File};
use super::freshness::duration;
use super::resolve::{in_range, timezone, value};
use crate::schedule::{Calendar, Job};

const DEFAULT_RETRIES: u32 = 3;
const DEFAULT_BACKOFF: Duration = Duration::from_mins(1);
/// Longer than any run, so that what hangs does not hold up all nights to come.
const DEFAULT_TIMEOUT: Duration = Duration::from_hours(24);
const MIN_DURATION: Duration = Duration::from_secs(1);

/// Every job of `file`, by name; their clocks show the time of `zone` unless they say another.
pub(super) fn jobs(file: &File, zone: Tz) -> Result<Vec<Job>, ConfigError> {
    file.schedule.jobs.iter().map(|(name, written)| job(name, written, zone)).collect()
}

fn job(name: &str, written: &file::Job, zone: Tz) -> Result<Job, ConfigError> {
    let key = |key: &str| format!("schedule.jobs.{name}.{key}");
    snake_case(&format!("schedule.jobs.{name}"), name)?;
    let zone = written.timezone.as_deref().map_or(Ok(zone), |name| timezone(&key("timezone"), name))?;
    let calendar = Calendar::new(&written.cron, zone).map_err(|why| {
        value(&key("cron"), &written.cron, format!("minute, hour, day, month and day of the week, such as `30 3 * * *` ({why})"))
    })?;
    let command = written.command.clone().unwrap_or_else(|| vec!["run".to_owned()]);
    if command.is_empty() {
        return Err(value(&key("command"), "[]", "arguments of hachi, such as `[\"run\"]`"));
    }
    Ok(Job {
        name: name.to_owned(),
        calendar,
        command,
        missed: written.missed.unwrap_or_default(),
        retries: in_range(&key("retries"), written.retries.unwrap_or(DEFAULT_RETRIES), 0..=100)?,
        backoff: at_least(&key("backoff"), written.backoff.as_deref(), DEFAULT_BACKOFF)?,
        timeout: at_least(&key("timeout"), written.timeout.as_deref(), DEFAULT_TIMEOUT)?,
    })
}

fn at_least(key: &str, written: Option<&str>, default: Duration) -> Result<Duration, ConfigError> {
    let found = duration(key, written)?.unwrap_or(default);
    if found < MIN_DURATION {
        return Err(value(key, written.unwrap_or_default(), "a second or longer"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Missed;

    fn of(text: &str) -> Result<Vec<Job>, String> {
        let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
        jobs(&file, chrono_tz::Asia::Shanghai).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_not_written_has_its_default() {
        let jobs = of("[schedule.jobs.nightly]\ncron = \"30 3 * * *\"").expect("sound");
        let job = &jobs[0];
        assert_eq!((job.name.as_str(), job.command.as_slice(), job.missed), ("nightly", &["run".to_owned()][..], Missed::RunOnce));
        assert_eq!((job.calendar.zone(), job.retries), (chrono_tz::Asia::Shanghai, 3));
        assert_eq!((job.backoff.as_secs(), job.timeout.as_secs()), (60, 86_400));
        assert!(of("").expect("no job is no error").is_empty());
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let check = |line: &str, says: &str| {
            let error = of(&format!("[schedule.jobs.nightly]\ncron = \"30 3 * * *\"\n{line}")).expect_err("not sound");
            assert!(error.contains(says), "{error}");
        };
        check(
            "timezone = \"Europe/Berlim\"",
            "`schedule.jobs.nightly.timezone` is `Europe/Berlim`, expected an IANA time zone; did you mean",
        );
        check("command = []", "`schedule.jobs.nightly.command` is `[]`");
        check("missed = \"sometimes\"", "`skip`, `run_once`, `run_all`");
        check("retries = 101", "0 to 100");
        check("backoff = \"soon\"", "`schedule.jobs.nightly.backoff` is `soon`, expected a duration");
        check("timeout = \"0s\"", "a second or longer");
        let error = of("[schedule.jobs.nightly]\ncron = \"0 0 30 2 *\"").expect_err("never due");
        assert!(error.contains("`schedule.jobs.nightly.cron` is `0 0 30 2 *`") && error.contains("no such day"), "{error}");
        assert!(of("[schedule.jobs.nightly]").expect_err("no time").contains("cron"));
        assert!(of("[schedule.jobs.Nightly]\ncron = \"30 3 * * *\"").expect_err("a name").contains("lowercase"));
    }
}
