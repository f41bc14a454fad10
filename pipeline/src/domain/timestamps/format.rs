//! `TimeFormat`: how a column's times are written, from configuration text to microseconds.

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono_tz::Tz;
use thiserror::Error;

use super::{clf, iso, local};

/// Microseconds in a second.
const SECOND_MICROS: i64 = 1_000_000;
/// A text from which every usable pattern must find its way back; 2001-02-03 04:05:06 UTC.
const PROBE_SECONDS: i64 = 981_173_106;

/// How the times of a column are written.
#[derive(Debug, Clone, PartialEq)]
pub enum TimeFormat {
    /// ISO 8601 and RFC 3339: `2024-05-01`, `2024-05-01 12:00`, `2024-05-01T12:00:00.5+02:00`.
    Iso,
    /// Seconds since 1970-01-01 UTC, perhaps with a fraction.
    EpochSeconds,
    /// Milliseconds since 1970-01-01 UTC.
    EpochMillis,
    /// The time of Apache's and nginx's logs: `17/May/2015:10:05:03 +0000`.
    Clf,
    /// A pattern of `%` fields as in strftime.
    Pattern(TimePattern),
}

/// A strftime pattern, checked to name a whole date.
#[derive(Debug, Clone, PartialEq)]
pub struct TimePattern {
    text: String,
    items: Vec<Item<'static>>,
}

/// Why a configured time format can't be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TimeFormatError {
    /// Neither a known word nor a pattern.
    #[error("time format `{0}` is unknown; write `rfc3339`, `epoch_s`, `epoch_ms`, `clf` or a pattern such as `%d/%m/%Y %H:%M`")]
    Unknown(String),
    /// A `%` field that doesn't exist, or too few of them.
    #[error("time format `{0}` does not name a whole date; it needs fields such as `%Y`, `%m` and `%d`")]
    Pattern(String),
}

/// Why a value is not a time; a fragment that follows "`ts` is `…`, ".
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum TimeProblem {
    /// Not written in the format.
    #[error("expected a time such as {0}")]
    Unreadable(String),
    /// Readable, but no calendar in use reaches that far.
    #[error("expected a time in the years 1 to 9999; are its units those of the column's `format`?")]
    OutOfRange,
}

impl TimeFormat {
    /// Reads a format as written in the configuration.
    ///
    /// # Errors
    /// When it is neither a known word nor a usable pattern.
    pub fn parse(text: &str) -> Result<TimeFormat, TimeFormatError> {
        match text {
            "iso" | "iso8601" | "rfc3339" => Ok(TimeFormat::Iso),
            "epoch_s" => Ok(TimeFormat::EpochSeconds),
            "epoch_ms" => Ok(TimeFormat::EpochMillis),
            "clf" | "%d/%b/%Y:%H:%M:%S %z" => Ok(TimeFormat::Clf),
            _ if text.contains('%') => TimePattern::new(text).map(TimeFormat::Pattern),
            _ => Err(TimeFormatError::Unknown(text.to_owned())),
        }
    }

    /// The instant that a text means, in microseconds UTC; without an offset it is local time in `zone`.
    ///
    /// # Errors
    /// When the text is not written in this format, or lies outside the years 1 to 9999.
    pub fn parse_micros(&self, text: &str, zone: Tz) -> Result<i64, TimeProblem> {
        let micros = match self {
            TimeFormat::Iso => iso::parse(text, zone),
            TimeFormat::Clf => clf::parse(text),
            TimeFormat::EpochSeconds | TimeFormat::EpochMillis => return self.parse_epoch(text),
            TimeFormat::Pattern(pattern) => pattern.micros(text, zone),
        };
        local::in_calendar(micros.ok_or_else(|| self.unreadable())?)
    }

    /// The instant that a number means, in microseconds UTC; None if this format's times are not numbers.
    ///
    /// # Errors
    /// When the instant lies outside the years 1 to 9999.
    pub fn number_micros(&self, number: f64) -> Option<Result<i64, TimeProblem>> {
        let micros = number * self.unit_micros()? as f64;
        // Whatever exceeds i64 saturates, and is out of the calendar's range all the same.
        Some(local::in_calendar(micros.round() as i64))
    }

    /// An example of this format, for messages.
    #[must_use]
    pub fn example(&self) -> String {
        match self {
            TimeFormat::Iso => "`2024-05-01T12:00:00Z`".to_owned(),
            TimeFormat::EpochSeconds => "1714564800 (seconds since 1970)".to_owned(),
            TimeFormat::EpochMillis => "1714564800000 (milliseconds since 1970)".to_owned(),
            TimeFormat::Clf => "`01/May/2024:12:00:00 +0000`".to_owned(),
            TimeFormat::Pattern(pattern) => format!("`{}`", pattern.text),
        }
    }

    fn parse_epoch(&self, text: &str) -> Result<i64, TimeProblem> {
        let unit = self.unit_micros().unwrap_or(SECOND_MICROS);
        let text = text.trim();
        if let Ok(whole) = text.parse::<i64>() {
            return local::in_calendar(whole.saturating_mul(unit));
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number.ok_or_else(|| self.unreadable())?;
        local::in_calendar((number * unit as f64).round() as i64)
    }

    fn unit_micros(&self) -> Option<i64> {
        match self {
            TimeFormat::EpochSeconds => Some(SECOND_MICROS),
            TimeFormat::EpochMillis => Some(SECOND_MICROS / 1_000),
            _ => None,
        }
    }

    fn unreadable(&self) -> TimeProblem {
        TimeProblem::Unreadable(self.example())
    }
}

impl TimePattern {
    fn new(text: &str) -> Result<TimePattern, TimeFormatError> {
        let broken = || TimeFormatError::Pattern(text.to_owned());
        let items = StrftimeItems::new(text).parse_to_owned().map_err(|_| broken())?;
        let pattern = TimePattern { text: text.to_owned(), items };
        let probe = chrono::DateTime::from_timestamp(PROBE_SECONDS, 0).ok_or_else(broken)?;
        let written = probe.format_with_items(pattern.items.iter()).to_string();
        pattern.micros(&written, Tz::UTC).ok_or_else(broken)?;
        Ok(pattern)
    }

    fn micros(&self, text: &str, zone: Tz) -> Option<i64> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text.trim(), self.items.iter()).ok()?;
        if parsed.offset().is_some() {
            return Some(parsed.to_datetime().ok()?.timestamp_micros());
        }
        if parsed.timestamp().is_some() {
            return Some(parsed.to_naive_datetime_with_offset(0).ok()?.and_utc().timestamp_micros());
        }
        let naive = parsed.to_naive_datetime_with_offset(0);
        let naive = naive.or_else(|_| parsed.to_naive_date().map(|date| date.and_time(chrono::NaiveTime::MIN)));
        Some(local::local_to_micros(naive.ok()?, zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, text: &str, expected: Result<i64, TimeProblem>) {
        let format = TimeFormat::parse(format).expect("a usable format");
        assert_eq!(format.parse_micros(text, chrono_tz::Europe::Berlin), expected, "{text}");
    }

    #[test]
    fn numbers_count_from_1970() {
        check("epoch_s", "1365029107", Ok(1_365_029_107_000_000));
        check("epoch_s", " 1365029107.25 ", Ok(1_365_029_107_250_000));
        check("epoch_ms", "1446786964000", Ok(1_446_786_964_000_000));
        check("epoch_s", "1446786964000", Err(TimeProblem::OutOfRange));
        check("epoch_s", "NaN", Err(TimeProblem::Unreadable("1714564800 (seconds since 1970)".to_owned())));
    }

    #[test]
    fn patterns_without_an_offset_are_local_time() {
        check("%Y%m%d", "19970101", Ok(852_073_200_000_000));
        check("%d/%m/%Y %H:%M", "01/07/2024 12:00", Ok(1_719_828_000_000_000));
        check("%Y-%m-%d %H:%M:%S %z", "2024-07-01 12:00:00 +0000", Ok(1_719_835_200_000_000));
        check("%s", "981173106", Ok(981_173_106_000_000));
        check("%Y%m%d", "1997-01-01", Err(TimeProblem::Unreadable("`%Y%m%d`".to_owned())));
    }

    #[test]
    fn formats_that_name_no_date_are_refused() {
        assert_eq!(TimeFormat::parse("%H:%M"), Err(TimeFormatError::Pattern("%H:%M".to_owned())));
        assert_eq!(TimeFormat::parse("%Y-%Q"), Err(TimeFormatError::Pattern("%Y-%Q".to_owned())));
        assert_eq!(TimeFormat::parse("epoch"), Err(TimeFormatError::Unknown("epoch".to_owned())));
        assert_eq!(TimeFormat::parse("%d/%b/%Y:%H:%M:%S %z"), Ok(TimeFormat::Clf));
    }

    #[test]
    fn json_numbers_are_times_only_where_the_format_counts() {
        assert_eq!(TimeFormat::EpochMillis.number_micros(1_446_786_964_000.0), Some(Ok(1_446_786_964_000_000)));
        assert_eq!(TimeFormat::EpochMillis.number_micros(1e300), Some(Err(TimeProblem::OutOfRange)));
        assert_eq!(TimeFormat::Iso.number_micros(5.0), None);
    }
}
