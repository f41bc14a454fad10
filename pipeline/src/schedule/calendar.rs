//! The times at which a job is due: a cron expression, read on the clocks of a time zone.
//!
//! A job at hours of the day runs once for each time that its clocks show: where a time is left out, at the moment the clocks
//! go on; where it is shown twice, at the first of them. A job of every hour or of every few minutes follows time itself: an
//! hour that is left out is left out, one that comes twice is one more.

use std::iter;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// A moment at which a job is due.
pub type Slot = DateTime<Utc>;

/// Clocks are put forward or back by no more, days: Samoa once left out a whole one.
const SHIFT_DAYS: i64 = 1;
/// Times are in whole minutes.
const GAP_MINUTES: i64 = SHIFT_DAYS * 24 * 60;

/// A cron expression in a time zone.
#[derive(Debug, Clone)]
pub struct Calendar {
    cron: Cron,
    text: String,
    zone: Tz,
}

impl Calendar {
    /// Reads five fields: minute, hour, day of the month, month, day of the week.
    ///
    /// # Errors
    /// Why `text` is none, or that it is never due.
    pub fn new(text: &str, zone: Tz) -> Result<Self, String> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(text).map_err(|error| error.to_string())?;
        let calendar = Self { cron, text: text.trim().to_owned(), zone };
        calendar.next(DateTime::UNIX_EPOCH).ok_or("there is no such day")?;
        Ok(calendar)
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whose clocks it is read on.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The first time after `moment`; none where there is none any more.
    #[must_use]
    pub fn next(&self, moment: DateTime<Utc>) -> Option<Slot> {
        let local = moment.with_timezone(&self.zone);
        if self.follows_time() {
            return self.cron.find_next_occurrence(&local, false).ok().map(|next| next.to_utc());
        }
        // From before any shift, because clocks that were put back show times again that are past.
        let from = local.naive_local() - TimeDelta::days(SHIFT_DAYS);
        let shown =
            iter::successors(self.cron.find_next_occurrence(&from, false).ok(), |time| self.cron.find_next_occurrence(time, false).ok());
        shown.map_while(|time| self.instant(time)).find(|slot| *slot > moment)
    }

    /// The last time up to `moment`; none where there was none.
    #[must_use]
    pub fn latest(&self, moment: DateTime<Utc>) -> Option<Slot> {
        let local = moment.with_timezone(&self.zone);
        if self.follows_time() {
            return self.cron.find_previous_occurrence(&local, true).ok().map(|latest| latest.to_utc());
        }
        let from = local.naive_local() + TimeDelta::days(SHIFT_DAYS);
        let back = |time: &NaiveDateTime| self.cron.find_previous_occurrence(time, false).ok();
        iter::successors(back(&from), back).map_while(|time| self.instant(time)).find(|slot| *slot <= moment)
    }

    fn follows_time(&self) -> bool {
        self.cron.pattern.hours.from_wildcard
    }

    /// When clocks first show `time`, or the first time after it.
    fn instant(&self, time: NaiveDateTime) -> Option<Slot> {
        let shown = |minutes| self.zone.from_local_datetime(&(time + TimeDelta::minutes(minutes))).earliest();
        (0..=GAP_MINUTES).find_map(shown).map(|slot| slot.to_utc())
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::New_York, Asia::Shanghai, Europe::Berlin, Pacific::Apia};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00Z").parse().expect("a time")
    }

    /// Asserts what follows `from`, and that looking back finds the same.
    #[track_caller]
    fn check(cron: &str, zone: Tz, from: &str, expected: &[&str]) {
        let calendar = Calendar::new(cron, zone).expect("a cron expression");
        let after = iter::successors(calendar.next(at(from)), |slot| calendar.next(*slot)).take(expected.len());
        let slots: Vec<Slot> = after.collect();
        let told: Vec<String> = slots.iter().map(|slot| slot.format("%Y-%m-%dT%H:%M").to_string()).collect();
        assert_eq!(told, expected, "{cron} in {zone}");
        for pair in slots.windows(2) {
            assert_eq!(calendar.latest(pair[0]), Some(pair[0]), "{cron} in {zone}");
            assert_eq!(calendar.latest(pair[1] - TimeDelta::seconds(1)), Some(pair[0]), "{cron} in {zone}");
        }
    }

    #[test]
    fn every_day_on_the_clocks_of_the_zone() {
        check("30 3 * * *", Shanghai, "2026-03-28T00:00", &["2026-03-28T19:30", "2026-03-29T19:30"]);
        check("30 3 * * *", New_York, "2026-06-01T12:00", &["2026-06-02T07:30", "2026-06-03T07:30"]);
        check("@daily", Tz::UTC, "2026-06-01T12:00", &["2026-06-02T00:00", "2026-06-03T00:00"]);
        check("0 6 * * MON", Berlin, "2026-06-03T12:00", &["2026-06-08T04:00", "2026-06-15T04:00"]);
        check("0 6 1 * *", Berlin, "2026-06-03T12:00", &["2026-07-01T04:00", "2026-08-01T04:00"]);
    }

    #[test]
    fn a_time_that_clocks_leave_out_is_due_when_they_go_on() {
        check("30 2 * * *", Berlin, "2026-03-28T00:00", &["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]);
        check("30 2 * * *", New_York, "2026-03-07T00:00", &["2026-03-07T07:30", "2026-03-08T07:00", "2026-03-09T06:30"]);
        check("30 2,14 * * *", Berlin, "2026-03-29T00:00", &["2026-03-29T01:00", "2026-03-29T12:30", "2026-03-30T00:30"]);
        // Two times of one hour that is left out are one.
        check("15,45 2 * * *", Berlin, "2026-03-28T01:30", &["2026-03-28T01:45", "2026-03-29T01:00", "2026-03-30T00:15"]);
        check("0 12 * * *", Apia, "2011-12-29T00:00", &["2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"]);
    }

    #[test]
    fn a_time_that_clocks_show_twice_is_due_once() {
        check("30 2 * * *", Berlin, "2026-10-24T12:00", &["2026-10-25T00:30", "2026-10-26T01:30"]);
        check("30 1 * * *", New_York, "2026-10-31T12:00", &["2026-11-01T05:30", "2026-11-02T06:30"]);
        check("0,30 2 * * *", Berlin, "2026-10-24T12:00", &["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-26T01:00"]);
        let calendar = Calendar::new("30 2 * * *", Berlin).unwrap();
        // Clocks show 02:10 for the second time: 02:30 has been.
        assert_eq!(calendar.latest(at("2026-10-25T01:10")), Some(at("2026-10-25T00:30")));
        assert_eq!(calendar.next(at("2026-10-25T01:10")), Some(at("2026-10-26T01:30")));
    }

    #[test]
    fn every_hour_follows_time_itself() {
        check("15 * * * *", Berlin, "2026-10-24T23:20", &["2026-10-25T00:15", "2026-10-25T01:15", "2026-10-25T02:15"]);
        check("15 * * * *", Berlin, "2026-03-28T23:20", &["2026-03-29T00:15", "2026-03-29T01:15", "2026-03-29T02:15"]);
        check("*/30 * * * *", New_York, "2026-11-01T05:10", &["2026-11-01T05:30", "2026-11-01T06:00", "2026-11-01T06:30"]);
    }

    #[test]
    fn what_is_no_expression_or_never_due_is_refused() {
        for text in ["", "nightly", "61 3 * * *", "0 30 3 * * *", "3 * *", "0 0 30 2 *"] {
            assert!(Calendar::new(text, Berlin).is_err(), "`{text}` is refused");
        }
        assert_eq!(Calendar::new("0 0 30 2 *", Berlin).unwrap_err(), "there is no such day");
        assert_eq!(Calendar::new(" 30 3 * * * ", Berlin).unwrap().text(), "30 3 * * *");
    }
}
