//! The door for a site's own files: access logs, CSV, JSON lines → raw Parquet, and a quarantine for what can't be read.
//!
//! ```text
//! file, folder, stdin ──inputs──▶ lines ──formats──▶ cells ──columns, values──▶ rows ──partition──▶ raw Parquet by day
//!                                   └──────────────────┴── problem ──▶ quarantine Parquet
//! ```
//! Rows in = rows written + rows quarantined, for every input; blank lines and headers are no rows. An
//! input that is read again replaces its earlier rows, unless no new one can be kept. Judging whether a readable value is
//! plausible is not done here: staging rejects it later. Nor are ids made into pseudonyms here.

mod cell;
mod columns;
mod error;
mod formats;
mod identity;
mod inputs;
mod job;
mod lines;
mod names;
mod partition;
mod problem;
mod quarantine;
mod report;
mod row;
mod run;
mod sink;
mod staging;
mod values;
mod write;

#[cfg(test)]
mod tests;

pub use error::IngestError;
pub use job::{Delimiter, Format, IngestJob, Input};
pub use quarantine::quarantine_schema;
pub use report::{FileReport, IngestReport, Progress};
pub use run::ingest;
pub use staging::finish_interrupted;
