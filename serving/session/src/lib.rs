//! The arithmetic that answers a posted session: recent courses in, a score for every course out, and the best of them.
//!
//! Written once for both buildings: the pipeline publishes what is needed here and tests that its own models agree, the sidecar
//! answers with it. A course is its index, from 0, in the order of the published rows; a history is indices in rising order,
//! each once.
//!
//! ```text
//! ItemRows   score(i) = Σ_j W_ji                                       EASE, ridge, neighbours: rows added up
//! best       the k best scores, without those excluded
//! ```
//! Slices in, slices out. No ids, files, clock, threads or async belong here, and nothing panics on what it is given.

mod best;
mod error;
mod item_rows;
mod vectors;

pub use best::{Scored, best};
pub use error::{Error, List, Result};
pub use item_rows::ItemRows;
