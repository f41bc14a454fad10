//! When commands run by themselves: cron, what was missed, retries, and what is remembered of it. Knows nothing of what a run does.
//!
//! ```text
//! jobs ──▶ due (pure: job, history, now) ──▶ keeper: begin ─▶ child ─▶ end ──▶ due …
//!                  ▲                            │ each step written durably
//!                  └────────── state ◀──────────┘
//! ```
//! Time enters as an argument, so that a month passes in a test as fast as it is asked for.

mod calendar;
mod child;
mod due;
mod error;
mod history;
mod job;
mod keeper;
mod state;

#[cfg(test)]
mod month;

pub use calendar::{Calendar, Slot};
pub use child::{Ending, execute};
pub use error::ScheduleError;
pub use history::{Ended, History, Open, Verdict};
pub use job::{Job, Missed, SLOT};
pub use keeper::{Doors, Until, keep};
pub use state::State;
