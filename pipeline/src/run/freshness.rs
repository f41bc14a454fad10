//! How old the latest of each source is: a source that stopped arriving is noticed before anything is computed from it.

use chrono::{DateTime, Utc};
use hachi_snapshot::{Check, Severity};

use super::RunError;
use super::watermark::last_day_of;
use crate::config::{Config, Freshness};
use crate::domain::raw_tables::RawTable;
use crate::domain::timestamps::local_to_micros;
use crate::engine::Engine;
use crate::models::checks;
use crate::sources::{Located, RAW_PREFIX};

const HOUR_S: u64 = 3600;

/// Checks each source that has limits; age is the time from the end of its latest local day with a row to `as_of`.
///
/// The whole day counts as there once it has a row, because day folders tell no more; so 0 is as fresh as can be known.
///
/// # Errors
/// When a source is older than it may be, after all were looked at.
pub(super) async fn freshness(engine: &Engine, located: &Located, config: &Config, as_of: DateTime<Utc>) -> Result<Vec<Check>, RunError> {
    let mut outcomes = Vec::new();
    for (table, source) in &config.sources {
        if source.freshness != Freshness::default() {
            let age_s = age_s(engine, located, (*table, config), as_of).await?;
            outcomes.push(judged(format!("{RAW_PREFIX}{table}"), source.freshness, age_s));
        }
    }
    for outcome in &outcomes {
        checks::refuse(&outcome.model, std::slice::from_ref(outcome))?;
    }
    Ok(outcomes)
}

/// Seconds; none where no row is up to `as_of`.
async fn age_s(
    engine: &Engine,
    located: &Located,
    (table, config): (RawTable, &Config),
    as_of: DateTime<Utc>,
) -> Result<Option<u64>, RunError> {
    let today = as_of.with_timezone(&config.timezone).date_naive();
    let latest = last_day_of(engine, located, table, today).await?;
    let end = latest.and_then(|day| day.succ_opt()?.and_hms_opt(0, 0, 0)).map(|midnight| local_to_micros(midnight, config.timezone));
    Ok(end.map(|end| u64::try_from((as_of.timestamp_micros() - end) / 1_000_000).unwrap_or(0)))
}

fn judged(model: String, limits: Freshness, age_s: Option<u64>) -> Check {
    let is_over = |limit: Option<std::time::Duration>| limit.filter(|limit| age_s.is_none_or(|age| age > limit.as_secs()));
    let (severity, over) = match (is_over(limits.error_after), is_over(limits.warn_after)) {
        (Some(limit), _) => (Severity::Error, Some(limit)),
        (None, Some(limit)) => (Severity::Warn, Some(limit)),
        (None, None) => (Severity::Error, None),
    };
    let found = age_s.map_or("it has no row up to as_of".to_owned(), |age| format!("its latest day ended {} h before as_of", age / HOUR_S));
    let detail = over.map(|limit| format!("{found}, more than {}", humantime::format_duration(limit))).unwrap_or_default();
    Check { model, check: "freshness".to_owned(), passed: over.is_none(), severity, failing_rows: 0, detail }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(age_h: Option<u64>, passed: bool, severity: Severity, detail: &str) {
        let hours = |hours| Some(Duration::from_secs(hours * HOUR_S));
        let limits = Freshness { warn_after: hours(36), error_after: hours(72) };
        let found = judged("raw_ratings".to_owned(), limits, age_h.map(|age| age * HOUR_S));
        assert_eq!((found.passed, found.severity, found.detail.as_str()), (passed, severity, detail));
    }

    #[test]
    fn age_is_judged_by_both_limits() {
        check(Some(36), true, Severity::Error, "");
        check(Some(37), false, Severity::Warn, "its latest day ended 37 h before as_of, more than 1day 12h");
        check(Some(73), false, Severity::Error, "its latest day ended 73 h before as_of, more than 3days");
        check(None, false, Severity::Error, "it has no row up to as_of, more than 3days");
    }
}
