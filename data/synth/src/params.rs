//! What may be asked of the generator, and what is accepted.
//!
//! Nothing here draws a random number or writes a file.

use chrono::NaiveDate;

const MAX_MEMBERS: u32 = 50_000_000;
const MAX_DAYS: u32 = 3_660;
const MIN_COURSES: u32 = 2;
const MAX_COURSES: u32 = 20_000;
const MAX_THREADS: usize = 256;
/// The widest offsets in civil use are -12:00 and +14:00.
const OFFSET_MINUTES: std::ops::RangeInclusive<i32> = -720..=840;
const DEFAULT_START: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date of the calendar");
/// Members who joined earlier than the start need room after 1970, since a row before 1970 counts as broken.
const FIRST_START: NaiveDate = NaiveDate::from_ymd_opt(1971, 1, 1).expect("a date of the calendar");
const LAST_START: NaiveDate = NaiveDate::from_ymd_opt(2199, 12, 31).expect("a date of the calendar");

/// What the caller asks for; checked by [`ValidParams::try_from`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// Members over the whole time, 1 to 50,000,000; some joined before `start`, some leave.
    pub members: u32,
    /// Local days of log, 1 to 3,660, one partition each.
    pub days: u32,
    /// First local day, 1971-01-01 to 2199-12-31.
    pub start: NaiveDate,
    /// Everything follows from the seed and the other fields.
    pub seed: u64,
    /// Courses, 2 to 20,000; by default about 2.3 times the square root of `members`.
    pub courses: Option<u32>,
    /// Offset of the community's local time from UTC in minutes, -720 to 840, without daylight saving. Timestamps are UTC;
    /// the offset decides when night falls and which day a partition holds.
    pub utc_offset_minutes: i32,
    /// Days rendered at the same time, 1 to 256. Has no influence on the bytes.
    pub threads: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self { members: 300, days: 90, start: DEFAULT_START, seed: 8, courses: None, utc_offset_minutes: 480, threads: 2 }
    }
}

/// Parameters that were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidParams {
    pub(crate) members: u32,
    pub(crate) days: u32,
    pub(crate) start: NaiveDate,
    pub(crate) seed: u64,
    pub(crate) courses: u32,
    pub(crate) utc_offset_minutes: i32,
    pub(crate) threads: usize,
}

/// A parameter out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is {value}, expected {range}; {remedy}")]
pub struct ParamsError {
    /// The field of [`Params`].
    pub name: &'static str,
    /// The value that was given.
    pub value: String,
    /// What is accepted.
    pub range: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl TryFrom<&Params> for ValidParams {
    type Error = ParamsError;

    fn try_from(params: &Params) -> Result<Self, ParamsError> {
        let courses = params.courses.unwrap_or_else(|| default_courses(params.members));
        within("members", params.members, 1..=MAX_MEMBERS, "ask for more than none, or split into several seeds")?;
        within("days", params.days, 1..=MAX_DAYS, "give the number of days to log, such as 90")?;
        within("start", params.start, FIRST_START..=LAST_START, "choose a later or an earlier first day")?;
        within("courses", courses, MIN_COURSES..=MAX_COURSES, "leave it out to let it follow from `members`")?;
        within("utc_offset_minutes", params.utc_offset_minutes, OFFSET_MINUTES, "give minutes, such as 480 for UTC+8")?;
        within("threads", params.threads, 1..=MAX_THREADS, "give the number of cores")?;
        Ok(Self {
            members: params.members,
            days: params.days,
            start: params.start,
            seed: params.seed,
            courses,
            utc_offset_minutes: params.utc_offset_minutes,
            threads: params.threads,
        })
    }
}

fn within<T: PartialOrd + std::fmt::Display>(
    name: &'static str,
    value: T,
    range: std::ops::RangeInclusive<T>,
    remedy: &'static str,
) -> Result<(), ParamsError> {
    if range.contains(&value) {
        return Ok(());
    }
    let range = format!("{} to {}", range.start(), range.end());
    Err(ParamsError { name, value: value.to_string(), range, remedy })
}

fn default_courses(members: u32) -> u32 {
    let courses = (f64::from(members).sqrt() * 2.3).ceil() as u32;
    courses.clamp(12, 2_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_has_forty_courses() {
        assert_eq!(ValidParams::try_from(&Params::default()).unwrap().courses, 40);
    }

    #[test]
    fn an_error_says_value_range_and_remedy() {
        let error = ValidParams::try_from(&Params { days: 0, ..Params::default() }).unwrap_err();
        assert_eq!(error.to_string(), "`days` is 0, expected 1 to 3660; give the number of days to log, such as 90");
    }

    #[test]
    fn every_field_has_a_limit() {
        let wrong = [
            Params { members: 0, ..Params::default() },
            Params { start: NaiveDate::MIN, ..Params::default() },
            Params { courses: Some(1), ..Params::default() },
            Params { utc_offset_minutes: 900, ..Params::default() },
            Params { threads: 0, ..Params::default() },
        ];
        for params in wrong {
            assert!(ValidParams::try_from(&params).is_err(), "{params:?}");
        }
    }
}
