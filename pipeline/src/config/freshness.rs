//! How old the latest of a source may be.

use std::time::Duration;

use super::ConfigError;
use super::file;
use super::resolve::value;

/// Limits of the time without rows before `as_of`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Freshness {
    /// More than this is a warning.
    pub warn_after: Option<Duration>,
    /// More than this ends a run.
    pub error_after: Option<Duration>,
}

/// The limits that `written` gives; `key` is the source's.
///
/// # Errors
/// When one is no duration, or the warning would come after the error.
pub fn freshness(key: &str, written: Option<&file::Freshness>) -> Result<Freshness, ConfigError> {
    let Some(written) = written else { return Ok(Freshness::default()) };
    let key = |name: &str| format!("{key}.freshness.{name}");
    let limits = Freshness {
        warn_after: duration(&key("warn_after"), written.warn_after.as_deref())?,
        error_after: duration(&key("error_after"), written.error_after.as_deref())?,
    };
    match (limits.warn_after, limits.error_after) {
        (None, None) => Err(value(&key("warn_after"), "absent", "`warn_after`, `error_after` or both")),
        (Some(warn), Some(error)) if warn > error => {
            let text = written.warn_after.clone().unwrap_or_default();
            Err(value(&key("warn_after"), text, "no more than `error_after`"))
        }
        _ => Ok(limits),
    }
}

pub(super) fn duration(key: &str, written: Option<&str>) -> Result<Option<Duration>, ConfigError> {
    let Some(text) = written else { return Ok(None) };
    humantime::parse_duration(text).map(Some).map_err(|_| value(key, text, "a duration such as `36h` or `3d`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(warn: Option<&str>, error: Option<&str>) -> Result<Freshness, String> {
        let written = file::Freshness { warn_after: warn.map(str::to_owned), error_after: error.map(str::to_owned) };
        freshness("sources.ratings", Some(&written)).map_err(|e| e.to_string())
    }

    #[test]
    fn limits_are_durations_in_order() {
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
        assert_eq!(of(Some("36h"), Some("3d")), Ok(Freshness { warn_after: hours(36), error_after: hours(72) }));
        let refused = |warn, error| of(warn, error).expect_err("refused");
        assert!(
            refused(Some("soon"), None).contains("`sources.ratings.freshness.warn_after` is `soon`, expected a duration such as `36h`")
        );
        assert!(refused(Some("4d"), Some("3d")).contains("no more than `error_after`"));
        assert!(refused(None, None).contains("or both"));
    }
}
