//! Whether a store refuses to create what is there already. Some ignore the condition, and then two runs could publish one number.

use object_store::path::Path as StorePath;
use object_store::{Error as StoreError, ObjectStoreExt, PutMode, PutOptions, PutPayload};

use crate::lake::{Lake, LakeError};

/// Where probes are; a collection removes those of killed processes.
pub(crate) const PROBES: &str = ".probe";

/// Why nothing may be published to a store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// The second put of one name has succeeded.
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
        let put = async || {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            home.store.put_opts(&path, PutPayload::from_static(b"probe"), options).await
        };
        let unconditional = || ProbeError::Unconditional { url: home.url().to_string() };
        let tried = match put().await {
            // The first may have been sent twice by itself.
            Ok(_) | Err(StoreError::AlreadyExists { .. }) => put().await,
            Err(StoreError::NotImplemented { .. } | StoreError::NotSupported { .. }) => return Err(unconditional()),
            Err(source) => return Err(home.failed(path.as_ref(), source).into()),
        };
        // What can't be removed now is collected later.
        let _ = home.store.delete(&path).await;
        match tried {
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(()),
            Ok(_) => Err(unconditional()),
            Err(source) => Err(home.failed(path.as_ref(), source).into()),
        }
    }
}
