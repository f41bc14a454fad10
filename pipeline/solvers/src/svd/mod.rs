//! Truncated singular value decomposition by a randomised range finder (Halko, Martinsson & Tropp 2011).
//!
//! ```text
//! Q = orth(X Ω),   Q ← orth(X orth(Xᵀ Q)) a few times,   Qᵀ X = Û Σ Vᵀ,   U = Q Û,   score = x V Vᵀ
//! ```
//! X: users × courses, sparse. Ω: courses × (d + oversample), normal. Bases are made orthogonal by the eigenvectors of their Gram
//! matrices, twice: sums of fixed blocks, so the bits don't depend on the number of threads. Double precision, because that squares
//! the condition; directions below 10⁻⁷ of the first are dropped as noise. Factors are kept in single precision.

mod basis;
mod predict;
mod problem;
mod report;
mod solve;

pub use predict::Model;
pub use problem::{Params, Problem, ValidParams, required_bytes};
pub use report::Report;
pub use solve::solve;
