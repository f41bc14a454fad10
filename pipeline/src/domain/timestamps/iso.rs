//! ISO 8601 as people write it, RFC 3339 included: by hand, because it is read for every row.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use super::local::local_to_micros;

/// The instant of `2024-05-01`, `2024-05-01 12:00[:30[.5]]`, with `T` or a blank between, perhaps with an offset.
pub(super) fn parse(text: &str, zone: Tz) -> Option<i64> {
    let text = text.trim();
    let date = date(text.get(..10)?)?;
    let rest = text.get(10..)?;
    if rest.is_empty() {
        return Some(local_to_micros(date.and_time(chrono::NaiveTime::MIN), zone));
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (micros_of_day, offset) = time(clock)?;
    let local = on_clock(date, micros_of_day)?;
    match offset_seconds(offset)? {
        Some(seconds) => Some(local.and_utc().timestamp_micros() - seconds * 1_000_000),
        None => Some(local_to_micros(local, zone)),
    }
}

/// Two digits as a number.
pub(super) fn two_digits(text: &str) -> Option<i64> {
    let digits = text.as_bytes();
    let all_digits = digits.len() == 2 && digits.iter().all(u8::is_ascii_digit);
    all_digits.then(|| i64::from(digits[0] - b'0') * 10 + i64::from(digits[1] - b'0'))
}

fn date(text: &str) -> Option<NaiveDate> {
    let (year, month, day) = (text.get(..4)?, text.get(4..7)?, text.get(7..)?);
    let year = two_digits(year.get(..2)?)? * 100 + two_digits(year.get(2..)?)?;
    let month = two_digits(month.strip_prefix('-')?)?;
    let day = two_digits(day.strip_prefix('-')?)?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// Microseconds into the day, and what follows the clock.
fn time(text: &str) -> Option<(i64, &str)> {
    let hours = two_digits(text.get(..2)?)?;
    let minutes = two_digits(text.get(2..5)?.strip_prefix(':')?)?;
    let rest = text.get(5..)?;
    let (second_micros, rest) = match rest.strip_prefix(':') {
        Some(seconds) => seconds_and_fraction(seconds)?,
        None => (0, rest),
    };
    let in_range = minutes < 60 && (hours < 24 || (hours == 24 && minutes == 0 && second_micros == 0));
    in_range.then_some(((hours * 3600 + minutes * 60) * 1_000_000 + second_micros, rest))
}

/// Microseconds into the minute; digits beyond the sixth are dropped, a leap second counts on.
fn seconds_and_fraction(text: &str) -> Option<(i64, &str)> {
    let seconds = two_digits(text.get(..2)?).filter(|seconds| *seconds <= 60)?;
    let rest = text.get(2..)?;
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some((seconds * 1_000_000, rest)) };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let kept = fraction.get(..digits.min(6)).filter(|kept| !kept.is_empty())?;
    let scale = 10_i64.pow(6 - u32::try_from(kept.len()).ok()?);
    Some((seconds * 1_000_000 + kept.parse::<i64>().ok()? * scale, fraction.get(digits..)?))
}

fn on_clock(date: NaiveDate, micros_of_day: i64) -> Option<NaiveDateTime> {
    const DAY_MICROS: i64 = 86_400_000_000;
    let days = u64::try_from(micros_of_day / DAY_MICROS).ok()?;
    let midnight = date.checked_add_days(Days::new(days))?.and_time(chrono::NaiveTime::MIN);
    midnight.checked_add_signed(TimeDelta::microseconds(micros_of_day % DAY_MICROS))
}

/// Outer None: not an offset. Inner None: no offset written.
#[expect(clippy::option_option, reason = "absent and wrong are two answers, told apart by the one caller")]
fn offset_seconds(text: &str) -> Option<Option<i64>> {
    let text = text.trim_start();
    match text {
        "" => return Some(None),
        "Z" | "z" | "UTC" | "GMT" => return Some(Some(0)),
        _ => {}
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.strip_prefix(['+', '-'])?;
    let hours = two_digits(digits.get(..2)?)?;
    let minutes = digits.get(2..)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if minutes.is_empty() { 0 } else { two_digits(minutes)? };
    (hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(parse(text, chrono_tz::Europe::Berlin), expected, "{text}");
    }

    #[test]
    fn offsets_are_heeded() {
        check("2024-07-01T12:00:00Z", Some(1_719_835_200_000_000));
        check("2024-07-01T12:00:00.5+02:00", Some(1_719_828_000_500_000));
        check("2024-07-01 12:00:00.1234567 -0130", Some(1_719_840_600_123_456));
        check("2024-07-01T12:00+02", Some(1_719_828_000_000_000));
        check("2024-07-01 12:00:00 UTC", Some(1_719_835_200_000_000));
    }

    #[test]
    fn without_offset_it_is_local_time() {
        check("2024-07-01", Some(1_719_784_800_000_000));
        check("2024-07-01T24:00", Some(1_719_871_200_000_000));
        check("2016-12-31T23:59:60", Some(1_483_225_200_000_000));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2024-7-1",
            "2024-02-30",
            "2024-07-01T",
            "2024-07-01T25:00",
            "2024-07-01T12:00:00.",
            "20240701",
            "2024-07-01T12:00:00+25:00",
            "2024-07-01Tnoon",
            "2024-07-01é",
            "２０２４-07-01",
        ] {
            check(text, None);
        }
    }
}
