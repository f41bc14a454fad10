//! Ridge regression of many targets at once: the mission's weight matrix.
//!
//! ```text
//! W = (BᵀB + λN I)⁻¹ BᵀA        columns of A and B centred by μ
//! score(i, ·) = (B_i − μ_B) W + μ_A
//! ```
//! B: members × behaviours, dense. A: members × courses, sparse and wide, never densified. N: members.

mod predict;
mod problem;
mod report;
mod solve;

pub use predict::Model;
pub use problem::{Params, Problem, ValidParams, required_bytes};
pub use report::Report;
pub use solve::solve;
