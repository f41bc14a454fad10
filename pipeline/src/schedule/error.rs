//! What can end a scheduler.

use std::path::PathBuf;

use thiserror::Error;

use super::Slot;

/// A scheduler that can't go on.
#[derive(Debug, Error)]
pub enum ScheduleError {
    /// What is remembered can't be read or written.
    #[error("failed to read or write `{}`, which remembers what has run", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// What is remembered is no JSON of ours.
    #[error("`{}` is damaged: {reason}; remove it, and each job owes its latest time again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The parser's words.
        reason: String,
    },
    /// A newer program wrote it.
    #[error("`{}` has format version {version}, this program writes {own}; use the newer program", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// Ours.
        own: u32,
    },
    /// Of what was due, something failed for good.
    #[error("the job `{job}` of {slot} failed for good; see its own words above")]
    Failed {
        /// The job.
        job: String,
        /// When it was due.
        slot: Slot,
    },
}
