//! The community's time zone: local clock → instant, instant → local day.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::TimeProblem;

const SECOND_MICROS: i64 = 1_000_000;
const DAY_SECONDS: i64 = 86_400;
/// Offsets of time zones are taken to change at most once in this span.
const HOUR_MICROS: i64 = 3_600 * SECOND_MICROS;
/// 0001-01-01T00:00:00Z.
const CALENDAR_START_MICROS: i64 = -62_135_596_800 * SECOND_MICROS;
/// 10000-01-01T00:00:00Z.
const CALENDAR_END_MICROS: i64 = 253_402_300_800 * SECOND_MICROS;
/// How far back to look for the offset before a gap, in hours; Samoa once left out a whole day.
const BEFORE_GAP_HOURS: [i64; 3] = [3, 26, 72];

/// The instant at which local clocks in `zone` show `local`, in microseconds UTC.
/// Shown twice: the earlier instant. Never shown: the clock is moved forward by as much as the gap.
#[must_use]
pub fn local_to_micros(local: NaiveDateTime, zone: Tz) -> i64 {
    if let Some(instant) = zone.from_local_datetime(&local).earliest() {
        return instant.timestamp_micros();
    }
    let offsets = BEFORE_GAP_HOURS.into_iter().filter_map(|hours| {
        let before = local.checked_sub_signed(TimeDelta::hours(hours))?;
        Some(zone.offset_from_local_datetime(&before).earliest()?.fix().local_minus_utc())
    });
    let offset_seconds = offsets.into_iter().next().unwrap_or(0);
    local.and_utc().timestamp_micros() - i64::from(offset_seconds) * SECOND_MICROS
}

/// The end of a local day, which is the first instant of the next: microseconds since 1970-01-01 UTC.
pub fn end_of_day_micros(day: NaiveDate, zone: Tz) -> i64 {
    let next = day.succ_opt().unwrap_or(day);
    local_to_micros(next.and_time(NaiveTime::MIN), zone)
}

/// The local day of an instant: days since 1970-01-01 in `zone`. For many instants see [`LocalDays`].
#[must_use]
pub fn local_date(micros: i64, zone: Tz) -> i32 {
    day_at(micros, offset_seconds(micros, zone))
}

/// The calendar date of a day since 1970-01-01; None beyond the calendar.
#[must_use]
pub fn date_of_day(day: i32) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(day)
}

/// Local days of many instants: remembers the offset of the hour it saw last, as neighbours are mostly close in time.
#[derive(Debug, Clone)]
pub struct LocalDays {
    zone: Tz,
    /// First instant of the hour whose offset is known; i64::MAX at first.
    hour_start: i64,
    offset_seconds: i64,
}

impl LocalDays {
    /// Days in `zone`.
    #[must_use]
    pub fn new(zone: Tz) -> LocalDays {
        LocalDays { zone, hour_start: i64::MAX, offset_seconds: 0 }
    }

    /// The local day of an instant: days since 1970-01-01.
    pub fn day(&mut self, micros: i64) -> i32 {
        let hour_start = micros.div_euclid(HOUR_MICROS).saturating_mul(HOUR_MICROS);
        if hour_start == self.hour_start {
            return day_at(micros, self.offset_seconds);
        }
        let first = offset_seconds(hour_start, self.zone);
        let last = offset_seconds(hour_start.saturating_add(HOUR_MICROS - 1), self.zone);
        // An hour in which the clocks change is never remembered.
        if first != last {
            return local_date(micros, self.zone);
        }
        (self.hour_start, self.offset_seconds) = (hour_start, first);
        day_at(micros, first)
    }
}

/// Passes instants within the years 1 to 9999.
pub(super) fn in_calendar(micros: i64) -> Result<i64, TimeProblem> {
    let inside = (CALENDAR_START_MICROS..CALENDAR_END_MICROS).contains(&micros);
    inside.then_some(micros).ok_or(TimeProblem::OutOfRange)
}

/// Offset from UTC; 0 beyond the calendar.
fn offset_seconds(micros: i64, zone: Tz) -> i64 {
    // A day's margin, so that adding the offset stays within chrono's range.
    let instant = DateTime::from_timestamp_micros(micros)
        .filter(|instant| instant.checked_add_days(Days::new(1)).and(instant.checked_sub_days(Days::new(1))).is_some());
    instant.map_or(0, |instant| i64::from(zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()))
}

fn day_at(micros: i64, offset_seconds: i64) -> i32 {
    let local_seconds = micros.div_euclid(SECOND_MICROS) + offset_seconds;
    // i64 microseconds are at most 107 million days.
    i32::try_from(local_seconds.div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(local: &str, zone: Tz) -> String {
        let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").expect("a local time");
        let micros = local_to_micros(local, zone);
        DateTime::from_timestamp_micros(micros).expect("in range").format("%Y-%m-%d %H:%M").to_string()
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let day = NaiveDate::from_ymd_opt(2023, 10, 29).expect("a day");
        let hours = |zone| (end_of_day_micros(day, zone) - end_of_day_micros(day - Days::new(1), zone)) / (3600 * SECOND_MICROS);
        assert_eq!((hours(chrono_tz::Europe::Berlin), hours(chrono_tz::Asia::Shanghai)), (25, 24));
    }

    #[test]
    fn a_time_shown_twice_is_the_earlier_one() {
        assert_eq!(instant("2023-10-29 02:30", chrono_tz::Europe::Berlin), "2023-10-29 00:30");
        assert_eq!(instant("2023-11-05 01:30", chrono_tz::America::New_York), "2023-11-05 05:30");
    }

    #[test]
    fn a_time_never_shown_moves_forward() {
        assert_eq!(instant("2023-03-26 02:30", chrono_tz::Europe::Berlin), "2023-03-26 01:30");
        assert_eq!(instant("2018-11-04 00:00", chrono_tz::America::Sao_Paulo), "2018-11-04 03:00");
        assert_eq!(instant("2011-12-30 12:00", chrono_tz::Pacific::Apia), "2011-12-30 22:00");
    }

    #[test]
    fn remembered_offsets_change_no_day() {
        for zone in [chrono_tz::Europe::Berlin, chrono_tz::America::New_York, chrono_tz::Asia::Shanghai, chrono_tz::Asia::Kolkata] {
            let mut days = LocalDays::new(zone);
            for step in 0..3_000_i64 {
                let micros = 1_696_000_000_000_000 + step * 977 * SECOND_MICROS;
                assert_eq!(days.day(micros), local_date(micros, zone), "{micros} in {zone}");
            }
        }
    }

    #[test]
    fn days_beyond_the_calendar_do_not_panic() {
        for micros in [i64::MIN, i64::MIN + 1, -8_334_601_228_800_000_000, 8_210_266_876_799_999_999, i64::MAX] {
            assert_eq!(LocalDays::new(chrono_tz::Asia::Tokyo).day(micros), local_date(micros, chrono_tz::Asia::Tokyo));
        }
    }

    #[test]
    fn a_day_starts_at_local_midnight() {
        let berlin = chrono_tz::Europe::Berlin;
        let midnight = 1_719_784_800_000_000;
        assert_eq!(local_date(midnight, berlin) - local_date(midnight - 1, berlin), 1);
        assert_eq!(date_of_day(local_date(midnight, berlin)), NaiveDate::from_ymd_opt(2024, 7, 1));
    }
}
