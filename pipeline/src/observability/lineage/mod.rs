//! OpenLineage events: what a run read and what it made, for catalogues of data.

mod event;
mod send;
mod target;

pub use event::{Dataset, Field, Job, end_event, start_event};
pub use send::send;
pub use target::LineageTarget;
