//! Whether a store refuses to create what is there already. Some ignore the condition, and then two runs could publish one number.

use object_store::path::Path as StorePath;
use object_store::{Error as StoreError, ObjectStoreExt, PutMode, PutOptions, PutPayload};

use super::Home;
use crate::lake::{Lake, LakeError};

/// Where probes are; a collection removes those of killed processes.
pub(crate) const PROBES: &str = ".probe";

/// Why nothing may be published to a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// A second put of one name has succeeded.
    #[error(
        "`{url}` does not honour conditional puts, so two runs could overwrite each other's snapshot; use a store that does, and leave AWS_CONDITIONAL_PUT unset"
    )]
    Unconditional {
        /// The store.
        url: String,
    },
    /// The store did not answer.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

impl Lake {
    /// Tries, under the fresh name `run_id`, whether the home creates a name once only. A folder always does.
    pub async fn probe(&self, run_id: &str) -> Result<(), ProbeError> {
        let Some(home) = self.home() else { return Ok(()) };
        let path = StorePath::from(format!("{PROBES}/{run_id}"));
        let tried = creates_once(home, &path).await;
        // What can't be removed now is collected later.
        let _ = home.store.delete(&path).await;
        match tried {
            Ok(true) => Ok(()),
            Ok(false) => Err(ProbeError::Unconditional { url: home.url().to_string() }),
            Err(source) => Err(home.failed(path.as_ref(), source).into()),
        }
    }
}

/// Whether `path` can be created once only: puts until one after the first is refused, or two have succeeded.
///
/// The first refusal alone says nothing: it may be the echo of an own try whose answer was lost. And one failure may pass.
async fn creates_once(home: &Home, path: &StorePath) -> Result<bool, StoreError> {
    let (mut created, mut refused, mut has_failed) = (0, 0, false);
    while created < 2 {
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match home.store.put_opts(path, PutPayload::from_static(b"probe"), options).await {
            Ok(_) => created += 1,
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) if created + refused > 0 => return Ok(true),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => refused += 1,
            Err(StoreError::NotImplemented { .. } | StoreError::NotSupported { .. }) => break,
            Err(failure) if has_failed => return Err(failure),
            Err(_) => has_failed = true,
        }
    }
    Ok(false)
}
