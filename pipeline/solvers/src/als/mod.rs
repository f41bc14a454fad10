//! Alternating least squares for explicit ratings, with biases (Koren 2009; Zhou et al. 2008, ALS-WR).
//!
//! ```text
//! r̂ = μ + b_u + c_i + p_u · q_i
//! row solve:   (Σ z zᵀ + Λ) (b_u, p_u) = Σ z (r − μ − c_i),   z = (1, q_i),   Λ = diag(λ_b, λ n_u, …, λ n_u)
//! ```
//! μ: mean of the ratings. n_u: ratings of the row. A row's bias and factor are solved together, so that biases fit again whatever
//! the factors explain. Users and courses take turns; a closing turn of the users makes every user exact for the final courses, so that
//! folding in the same ratings gives the same bits. Biases alone start the fit: they need no factors to take the larger part.
//! All in double precision: factors are short, so a row's time goes into reading ratings.

mod fold_in;
mod predict;
mod problem;
mod report;
mod rows;
mod solve;

pub use fold_in::Member;
pub use problem::{Params, Problem, ValidParams, required_bytes};
pub use report::{Epoch, Report};
pub use solve::{Model, solve};
