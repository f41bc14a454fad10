//! Logistic regression with a ridge penalty, by Newton's method: few features, many rows. It learns the weights of a blend.
//!
//! ```text
//! rows:     Σ v log(1 + exp(−y s)) + λ/2 ‖w‖²,   s = x w + b        y: ±1, v: the row's weight; b has no penalty
//! groups:   Σ_g Σ_{i in g, true} −log(exp(s_i) / Σ_{j in g} exp(s_j)) + λ/2 ‖w‖²,   s = x w
//! ```
//! In groups only the differences within one count, such as between the courses that one member could have been given. Double
//! precision: the Hessian is as wide as the features, so there is nothing to gain from less.

mod predict;
mod problem;
mod report;
mod solve;
mod sums;

pub use predict::Model;
pub use problem::{Params, Problem, ValidParams, required_bytes};
pub use report::Report;
pub use solve::solve;
