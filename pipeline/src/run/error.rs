//! What can end a run early.

use hachi_snapshot::{CommitError, ErasureError, HomeError, KeyError, LakeError, PullError, ReadError};
use thiserror::Error;

use crate::config::ConfigError;
use crate::engine::{EngineError, KeyringError};
use crate::evaluate::EvaluateError;
use crate::ingest::IngestError;
use crate::models::ModelError;
use crate::privacy::PrivacyError;
use crate::publish::PublishError;
use crate::recommend::LearnError;
use crate::sources::SourceError;

/// A run that published nothing.
#[derive(Debug, Error)]
pub enum RunError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The pseudonym key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key of encrypted files.
    #[error("{0}")]
    Encryption(#[from] KeyringError),
    /// A raw table.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What an interrupted ingest left.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// A model or one of its checks.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The learning stage.
    #[error("failed to learn from the interactions")]
    Learn(#[from] LearnError),
    /// The evaluation of models.
    #[error("failed to evaluate the models")]
    Evaluate(#[from] EvaluateError),
    /// Numbers that can't be protected as the header asks for.
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
    /// Writing.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Reading the lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Committing.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The folder and the home of the lake.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Bringing what is read from the home.
    #[error(transparent)]
    Pull(#[from] PullError),
    /// Spill folder.
    #[error("failed to create a scratch folder in the lake")]
    Scratch(#[source] std::io::Error),
    /// A worker thread.
    #[error("the learning stage stopped unexpectedly: {0}")]
    Stage(String),
    /// SIGTERM or SIGINT.
    #[error("the run was told to stop; nothing was published, and the last snapshot stays")]
    Stopped,
    /// An empty lake.
    #[error("nothing is published in `{0}` yet; publish with `hachi run`, or name another lake with `--lake`")]
    NothingPublished(String),
    /// Members have other names in what would be reused.
    #[error(
        "the latest snapshot was published with another pseudonym key, so its tables can't be joined with new ones; give `privacy.key_file` the key it was published with, or run without `--select`"
    )]
    OtherKey,
    /// The registry of erased members.
    #[error(transparent)]
    Erasure(#[from] ErasureError),
    /// The sidecar's file.
    #[error(transparent)]
    Serve(#[from] ReadError),
    /// Members that are erased by now are in what would be reused.
    #[error("the list of erased members has changed since the latest snapshot, whose tables may name them; run once without `--select`")]
    OtherErased,
    /// No day has landed.
    #[error("no row with a time up to `as_of` was found in any source, so there is no day to compute; check the paths under `[sources]`")]
    NoDays,
}

impl RunError {
    /// Whether the snapshot may have been committed all the same.
    pub(super) fn may_be_committed(&self) -> bool {
        matches!(self, Self::Commit(error) if error.may_be_committed())
    }
}
