//! Why nothing could be evaluated.

use std::io;
use std::path::PathBuf;

use arrow::error::ArrowError;
use parquet::errors::ParquetError;
use thiserror::Error;

use crate::frames::FramesError;
use crate::recommend::{LearnError, SpecError};

/// A failure of an evaluation.
#[derive(Debug, Error)]
pub enum EvaluateError {
    /// A model or parameter that can't be meant.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A file can't be opened.
    #[error("failed to open `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is no sound Parquet.
    #[error("failed to read `{}` as Parquet", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ParquetError,
    },
    /// Rows that lack what is needed.
    #[error("`{}` can't be used", path.display())]
    Rows {
        /// The file.
        path: PathBuf,
        /// What is wrong with which row.
        #[source]
        source: FramesError,
    },
    /// A table of the site's own that lacks what is needed.
    #[error("the site's acts can't be used")]
    Table(#[from] FramesError),
    /// A column of another type than ids have.
    #[error("`{}` can't be used: `{column}` is {found}, expected text or whole numbers", path.display())]
    IdType {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
        /// Its type.
        found: String,
    },
    /// Nothing to learn from, or nobody to ask.
    #[error("nothing can be evaluated: {0}")]
    Nothing(String),
    /// A member of the test has nothing to be ranked.
    #[error("{members} members of the test have no candidates, such as `{example}`; give each of them rows, or leave `--candidates` out")]
    NoCandidates {
        /// How many.
        members: usize,
        /// One of them.
        example: String,
    },
    /// Cutoffs that are none.
    #[error("`k` is {0}, expected 1 to 1000")]
    Cutoff(usize),
    /// A model can't be fitted.
    #[error(transparent)]
    Learn(#[from] LearnError),
    /// A model can't score, or a step would exceed the limit of memory.
    #[error("`{model}` could not be evaluated")]
    Score {
        /// The model.
        model: &'static str,
        /// What the solver says.
        #[source]
        source: hachi_solvers::Error,
    },
    /// A table of the evaluation could not be assembled, or is not one.
    #[error("the tables of the evaluation could not be assembled")]
    Output(#[from] ArrowError),
    /// A matrix is refused.
    #[error("the rows could not become a matrix")]
    Matrix(#[from] hachi_solvers::Error),
}
