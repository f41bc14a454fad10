//! What a written time means: formats, the community's time zone, local days.
//! All instants are microseconds since 1970-01-01 UTC, all local days are days since 1970-01-01. The clock is not here.
//!
//! A time without an offset is local time of the community. Where the clock is set back the earlier of the two instants
//! is meant; where it is set forward the missing time is shifted by as much. A date alone is the start of that local day.

mod clf;
mod format;
mod iso;
mod local;

pub use format::{TimeFormat, TimeFormatError, TimeProblem};
pub use local::{LocalDays, date_of_day, end_of_day_micros, local_date, local_to_micros};
