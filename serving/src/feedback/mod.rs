//! What was shown and clicked, kept for the next batch: rows go into a queue, a thread appends them, and whoever sent them is told
//! only once they are on the disk.
//!
//! ```text
//! request ──rows──▶ queue (bounded) ──▶ thread: all that waits ─▶ append ─▶ fsync ─▶ each is told
//! ```

mod log;
mod queue;

pub use log::FeedbackError;
pub(crate) use log::Log;
pub(crate) use queue::{Feedback, Refused};
