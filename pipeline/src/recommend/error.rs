//! Why nothing could be learned.

use arrow::error::ArrowError;
use thiserror::Error;

use crate::frames::FramesError;

/// A failure of the learning stage. Missing or empty inputs are none: they give empty tables.
#[derive(Debug, Error)]
pub enum LearnError {
    /// An option outside its range.
    #[error("`{name}` is {value}, expected {expected}")]
    Option {
        /// Its name.
        name: &'static str,
        /// The value given.
        value: usize,
        /// The values allowed, in words.
        expected: &'static str,
    },
    /// An input table can't be read.
    #[error("an input table could not be read")]
    Input(#[from] FramesError),
    /// A model refused or failed.
    #[error("`{model}` could not be fitted")]
    Model {
        /// Its name, such as `ials`.
        model: &'static str,
        /// What the solver says, with indices and a remedy.
        #[source]
        source: hachi_solvers::Error,
    },
    /// A model of ratings without ratings.
    #[error("`{model}` learns from ratings, which the training rows do not have; add a column `rating`, or name another model")]
    NoRatings {
        /// The model.
        model: &'static str,
    },
    /// A model of what is new without times.
    #[error("`trending` learns from when courses were chosen, which is known of the site's own days alone; name another model")]
    NoTimes,
    /// A model of texts without texts.
    #[error("`content` learns from the titles, tags and descriptions of courses, which are not known here; name another model")]
    NoTexts,
    /// Lists or tables would exceed the limit.
    #[error("lists could not be built")]
    Memory(#[source] hachi_solvers::Error),
    /// Sums over members that are not those of the choices.
    #[error(
        "`course_gram` has {found} members for modelled course {course}, where `course_affinity` has {expected} with a positive affinity"
    )]
    Gram {
        /// Members by the sums.
        found: f64,
        /// Members by the choices.
        expected: f64,
        /// Index of the course among those with enough members.
        course: usize,
    },
    /// Whoever takes the lists has gone.
    #[error("lists could not be handed on")]
    Lists,
    /// A learned table could not be assembled.
    #[error("a learned table could not be assembled")]
    Output(#[from] ArrowError),
}
