//! EASE (Steck 2019): each course's score is a linear regression on all other courses, in closed form.
//!
//! ```text
//! P = (XᵀX + λI)⁻¹,   W_ij = −P_ij / P_jj,   W_jj = 0,   score = x W
//! ```
//! X: users × courses, sparse. P and its factor are computed in double precision, because popular courses make XᵀX ill conditioned:
//! in single precision the third digit of a weight would already be noise. W is single precision, which is more than its ranking needs.

mod predict;
mod problem;
mod report;
mod solve;
mod targets;

pub use predict::Model;
pub use problem::{Params, Problem, ValidParams, required_bytes};
pub use report::Report;
pub use solve::solve;
