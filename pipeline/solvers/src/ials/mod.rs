//! Implicit alternating least squares (Rendle et al. 2022): every row's system is solved exactly, by Cholesky, or, for long factors,
//! block by block (`Params::block`).
//!
//! ```text
//! (α₀ HᵀH + Σ h hᵀ + λ(|I_u| + α₀|I|)^ν I) w = Σ h        sums over the row's own positives
//! ```
//! H: factors of the other side. Users and courses take turns; courses start from N(0, 0.1/√d). A closing turn of the users
//! makes every user's factor exact for the final courses, so that folding in the same history gives the same factor.
//! Factors are `dim` × rows: one contiguous column per user or course.

mod blocks;
mod explain;
mod fold_in;
mod predict;
mod problem;
mod report;
mod rows;
mod solve;

pub use problem::{Monitor, Params, Problem, ValidParams, required_bytes};
pub use report::{Epoch, Report};
pub use solve::{Model, solve};
