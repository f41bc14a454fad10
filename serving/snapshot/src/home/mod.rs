//! A lake whose truth is an S3-compatible store, its *home*; the folder on disk is a verified working copy of it.
//!
//! ```text
//! commit ─▶ upload what is new ─▶ all there? ─▶ create the next manifest, if absent ─▶ pull
//! read   ─▶ latest in the home ─▶ pull: fetch what is missing, check it, then its manifest ─▶ read the copy
//! ```
//!
//! What decides is asked of the home alone: which snapshots there are, who has published a number, what may be collected. What is
//! read in bulk is read from the copy, and the copy is itself a sound lake: a manifest is written into it only when all files that it
//! names are there, checked and synced.
//!
//! # Why nothing that is named can be collected, without a lock
//!
//! A folder has a lock that keeps commits and collections apart; a store has none. Instead every manifest states `keeps_from`, the
//! oldest number that a collection after it may keep; it never falls from one snapshot to the next.
//!
//! 1. A commit creates the number after the latest, and only if that number is absent, so each snapshot is the successor of the one
//!    it was built on. It names files of that one, files that it has uploaded itself, or, taking readers back, files of a snapshot
//!    that its parent's `keeps_from` still keeps; anything else is refused.
//! 2. A collection that has seen the latest snapshot L removes manifests below L's `keeps_from` alone, and of their files those that
//!    no other manifest names. Whatever is committed after L, however long that collection sleeps, names files that L or its
//!    successors name, new ones, or those of a snapshot from L's `keeps_from` on: none that the collection removes.
//! 3. Files that no manifest names are removed if they are older than L itself. Whoever uploads looks for the latest snapshot first:
//!    if the upload is older than L, its parent is too, and the number that it wants is taken.
//! 4. A number that was collected is absent again, and a writer that has slept for so long could create it. So a writer looks once
//!    more after its commit: if the latest snapshot keeps only later numbers, it takes its own back and says that it came too late.
//!    Readers take the highest number, so nobody was served from it.

mod addressed;
mod copy;
mod entries;
mod failure;
#[cfg(test)]
mod faulty;
mod limits;
mod probe;
mod pull;
mod registry;
mod s3;
#[cfg(test)]
mod tests;
mod upload;
mod url;

use std::fmt;
use std::sync::Arc;

use object_store::path::Path as StorePath;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};

pub use addressed::HomeError;
pub use failure::StoreFailure;
pub(crate) use probe::PROBES;
pub use probe::ProbeError;
pub use pull::PullError;
pub use url::{StoreUrl, StoreUrlError};

use crate::lake::LakeError;
use limits::CREATE_TRIES;

/// The store of a lake, rooted at the lake's place in it. Cheap to clone.
#[derive(Clone)]
pub struct Home {
    pub(crate) store: Arc<dyn ObjectStore>,
    url: StoreUrl,
}

// What a store knows of its credentials is nobody's business.
impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Home {
    /// A store that is rooted at the lake, known to people as `url`.
    pub fn new(store: Arc<dyn ObjectStore>, url: StoreUrl) -> Self {
        Self { store, url }
    }

    /// What people call it.
    pub fn url(&self) -> &StoreUrl {
        &self.url
    }

    pub(crate) fn failed(&self, path: &str, source: object_store::Error) -> LakeError {
        LakeError::Home { place: self.url.join(path), source: source.into() }
    }

    pub(crate) async fn read(&self, path: &StorePath) -> Result<Vec<u8>, LakeError> {
        let got = async { self.store.get(path).await?.bytes().await };
        Ok(got.await.map_err(|source| self.failed(path.as_ref(), source))?.into())
    }

    /// Creates `path` with `bytes`, unless it is there; answers what is there then, which tells whose it is.
    ///
    /// A put that failed may have succeeded (a retry, a lost answer), and may have failed though nothing is there: so what is there
    /// decides, and where nothing is, it is tried again. An error means that it is not known whether it was created.
    pub(crate) async fn create(&self, path: &StorePath, bytes: Vec<u8>) -> Result<Vec<u8>, LakeError> {
        let mut tries = 0;
        loop {
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            let Err(refused) = self.store.put_opts(path, PutPayload::from(bytes.clone()), options).await else { return Ok(bytes) };
            tries += 1;
            match self.read(path).await {
                Ok(found) => return Ok(found),
                Err(missing) if missing.is_missing() && tries < CREATE_TRIES => {}
                Err(_) => return Err(self.failed(path.as_ref(), refused)),
            }
        }
    }
}
