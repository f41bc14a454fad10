//! Item–item neighbours, and the mission's weighted user neighbours.
//!
//! ```text
//! similarity(i, j) = x_i · x_j / (‖x_i‖ ‖x_j‖)      x: the courses' columns, with weights as given (cosine) or by BM25
//! score(j) = Σ_i history_i · similarity(j, i)        i: those of the k nearest courses of j that the history names
//! prediction = Σ_k α_k A_k,  α_k = b_k / Σ_l b_l     k: users like the given one, b their similarity
//! ```
//! Only the k nearest courses of each are kept, and only those with a similarity above zero. Ties go to the lower index.

mod alpha;
mod predict;
mod problem;
mod report;
mod solve;

pub use alpha::{alphas, predict};
pub use predict::Model;
pub use problem::{Params, Problem, ValidParams, Weighting, required_bytes};
pub use report::Report;
pub use solve::solve;
