//! What members may like next: interactions → factors and weights → candidates → lists with reasons.
//!
//! ```text
//! course_affinity ──▶ iALS ───▶ ranks ─┐
//!                                      ├─ reciprocal rank fusion ─▶ fill with popular ─▶ reasons ─▶ recommendations
//! member_behaviours ─▶ ridge ─▶ ranks ─┘
//! ```
//! One synchronous call, [`learn`]: tables in, tables out. No SQL, files or clock belong here.

pub mod blend;
mod community;
pub mod content;
pub mod diversity;
mod error;
pub mod facts;
pub mod finish;
mod fuse;
mod learn;
mod lists;
mod models;
mod options;
mod reasons;
mod scorers;
pub mod rules;
mod similar;
mod tables;
mod top;

#[cfg(test)]
mod tests;

pub use error::LearnError;
pub use learn::{LearnReport, Learned, Step, learn};
pub use options::{LearnInputs, LearnOptions};
pub use scorers::{Choices, Member, ModelSpec, Rehearsal, Scorer, SpecError, Training};
pub use tables::{course_factors_schema, recommendations_schema, ridge_weights_schema, similar_courses_schema, user_factors_schema};
pub use top::best;
