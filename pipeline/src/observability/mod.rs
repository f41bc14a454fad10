//! What happened in a run, told to people and machines: its record in the history, its report, metrics, and lineage events.
//!
//! ```text
//! what a run did ──▶ RunReport ──▶ terminal · Markdown · JSON
//!                        └─ RunRecord ──▶ history ──▶ `hachi runs` · metrics        lineage events ──▶ file · HTTP
//! ```
//!
//! Everything is given: no clock, no environment and no query belongs here, and nothing that a run needs to succeed.

mod error;
mod files;
mod history;
mod lineage;
mod markdown;
mod metrics;
mod record;
mod report;

pub use error::TellError;
pub use history::{Found, History};
pub use lineage::{Dataset, Field, Job, LineageTarget, end_event, send, start_event};
pub use markdown::markdown;
pub use metrics::{EndOfDay, metrics, write_metrics};
pub use record::{Outcome, RunRecord};
pub use report::{Estimated, Gate, KpiReport, Rejected, RunReport, SourceRows, StepAction, StepReport};
