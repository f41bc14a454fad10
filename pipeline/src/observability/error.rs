//! What can keep a run from being told; none of it keeps the run from being published.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Something that could not be told.
#[derive(Debug, Error)]
pub enum TellError {
    /// A file.
    #[error("failed to write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file of the history.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What can't be put into words, which no value of ours is.
    #[error("failed to write as JSON")]
    Json(#[from] serde_json::Error),
    /// Metrics that can't be put into words.
    #[error("failed to write as Prometheus text")]
    Metrics(#[from] std::fmt::Error),
    /// A collector that did not take an event.
    #[error("`{url}` did not take the event (tries: {tries}): {said}")]
    Refused {
        /// Where it was sent to.
        url: String,
        /// How often.
        tries: u32,
        /// The last answer, or why there was none.
        said: String,
    },
}

impl TellError {
    pub(super) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }
}
