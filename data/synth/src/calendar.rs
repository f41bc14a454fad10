//! Local days of the community, counted from the start, and moments in them.
//!
//! Days before the start are negative. A moment is milliseconds since local midnight; a day has always 24 hours here.

use chrono::{Datelike, Days, NaiveDate};
use rand::Rng;

use crate::ValidParams;

/// Milliseconds of one day.
pub(crate) const DAY_MS: u32 = 86_400_000;
const HOUR_MS: u32 = 3_600_000;
const DAY_US: i64 = 86_400_000_000;
const MINUTE_US: i64 = 60_000_000;

/// Relative number of sessions that start in each local hour: a quiet night, a lunch break, a long evening.
const STARTS_BY_HOUR: [u32; 24] = [12, 6, 3, 2, 2, 3, 8, 20, 38, 52, 56, 50, 58, 54, 46, 46, 48, 44, 42, 56, 78, 84, 64, 32];

/// Turns (day, moment) into dates and timestamps.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    start: NaiveDate,
    first_midnight_us: i64,
}

impl Calendar {
    pub(crate) fn new(params: &ValidParams) -> Self {
        let midnight = params.start.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
        let first_midnight_us = midnight - i64::from(params.utc_offset_minutes) * MINUTE_US;
        Self { start: params.start, first_midnight_us }
    }

    /// Microseconds since 1970 UTC of a moment of a local day.
    pub(crate) fn micros(&self, day: i32, ms: u32) -> i64 {
        self.first_midnight_us + i64::from(day) * DAY_US + i64::from(ms) * 1_000
    }

    pub(crate) fn date(&self, day: i32) -> NaiveDate {
        let days = Days::new(u64::from(day.unsigned_abs()));
        if day < 0 { self.start - days } else { self.start + days }
    }

    /// The day on which `date` falls; the inverse of [`Calendar::date`].
    pub(crate) fn day(&self, date: NaiveDate) -> i32 {
        (date - self.start).num_days() as i32
    }

    /// 0 for monday to 6 for sunday.
    pub(crate) fn weekday(&self, day: i32) -> usize {
        self.date(day).weekday().num_days_from_monday() as usize
    }
}

/// Draws the moment at which a person starts a session.
pub(crate) fn waking_moment(rng: &mut impl Rng) -> u32 {
    let total: u32 = STARTS_BY_HOUR.iter().sum();
    let mut left = rng.random_range(0..total);
    let mut hour = 0;
    for starts in STARTS_BY_HOUR {
        if left < starts {
            break;
        }
        left -= starts;
        hour += 1;
    }
    hour * HOUR_MS + rng.random_range(0..HOUR_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Params;

    #[test]
    fn midnight_is_local_and_days_count_both_ways() {
        let calendar = Calendar::new(&ValidParams::try_from(&Params::default()).unwrap());
        let eight_hours_us = 8 * 60 * MINUTE_US;
        assert_eq!(calendar.micros(0, 0), 1_767_225_600_000_000 - eight_hours_us);
        assert_eq!(calendar.date(-1).to_string(), "2025-12-31");
        assert_eq!(calendar.day(calendar.date(-40)), -40);
        assert_eq!(calendar.weekday(0), 3, "2026-01-01 is a thursday");
    }
}
