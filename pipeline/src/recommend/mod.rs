//! What members may like next: interactions → factors and weights → candidates → lists with reasons.
//!
//! ```text
//! course_affinity ──▶ popular, trending, quality, EASE, iALS, SVD, neighbours, content ──blend──┐
//! member_behaviours ─▶ ridge ─┐                                                       ├▶ rules, variety ─▶ reasons ─▶ recommendations
//! popular in the language ────┴ fused, for members without choices ───────────────────┘
//! ```
//! One synchronous call, [`learn`]: tables in, tables out. No SQL, files or clock belong here.

pub mod blend;
mod choose;
mod community;
pub mod content;
pub mod diversity;
mod error;
mod explain;
pub mod facts;
pub mod finish;
mod fuse;
mod item;
mod learn;
mod lists;
mod models;
mod options;
mod reasons;
pub mod rules;
mod scorers;
mod similar;
mod tables;
mod top;

#[cfg(test)]
mod tests;

pub use error::LearnError;
pub use learn::{LearnReport, Learned, Sink, Step, learn};
pub use options::{CourseGram, LearnInputs, LearnOptions};
pub use scorers::{Choices, Member, ModelSpec, Scorer, SpecError, TRENDING_SPEED, Training, quality_of};
pub use tables::{
    course_factors_schema, factor_gram_schema, item_weights_schema, recommendations_schema, ridge_weights_schema, similar_courses_schema,
    user_factors_schema,
};
pub use top::best;
