//! How good recommendations are: models are fitted to what was, and asked for what came after.
//!
//! ```text
//! rows ──Cut──▶ Dataset ──fit──▶ Scorer ──blocks──▶ ranks and lists ──▶ metrics by member ──bootstrap──▶ values with intervals
//! ```
//! A protocol is a [`Dataset`]: of given files ([`read_files`]), or of the site's own days ([`by_time`]). No clock belongs here; how
//! models are made belongs to `recommend`.

mod acts;
mod bootstrap;
mod by_time;
mod dataset;
mod error;
mod files;
mod intervals;
mod judge;
mod lists;
mod metrics;
mod ranks;
mod rows;
mod tables;
mod tune;

#[cfg(test)]
mod tests;

pub use acts::{Acts, Days, Splits, TimeOptions, Window};
pub use bootstrap::{Estimate, REPLICATES};
pub use by_time::{BLEND, ByTime, Compared, OBJECTIVE, by_time};
pub use dataset::{Counts, Dataset};
pub use error::EvaluateError;
pub use files::{Files, read_files};
pub use intervals::{Measured, measure, paired};
pub use judge::{Judged, judge};
pub use metrics::DEFAULT_CUTOFFS;
pub use tables::{Standing, evaluation_batches, evaluation_schema, published, standing, weights_batches, weights_schema};
pub use tune::{Found, Trial, TuneOptions, tune};
