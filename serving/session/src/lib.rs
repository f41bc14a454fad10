//! The arithmetic that answers a posted session: recent courses in, a score for every course out, and the best of them.
//!
//! Written once for both buildings: the pipeline publishes what is needed here and tests that its own models agree, the sidecar
//! answers with it. A course is its index, from 0, in the order of the published rows; a history is indices in rising order,
//! each once.
//!
//! ```text
//! FoldIn     (α₀ G + Σ h hᵀ + penalty I) w = Σ h,   scores = H w       iALS: one system a request
//! ItemRows   score(i) = Σ_j W_ji                                       EASE, ridge, neighbours: rows added up
//! best       the k best scores, without those excluded
//! ```
//! Slices in, slices out. No ids, files, clock, threads or async belong here, and nothing panics on what it is given.

mod best;
mod cholesky;
mod error;
mod fold_in;
mod item_rows;
mod params;
mod vectors;

pub use best::{Scored, best};
pub use error::{Error, List, Result};
pub use fold_in::{FoldIn, Workspace};
pub use item_rows::ItemRows;
pub use params::{MAX_DIM, Params};
