//! Where snapshots live, and which of them is the latest. Committing one is `commit`, checking its files is `verify`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as StorePath;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::home::{Home, StoreFailure};
use crate::manifest::{Manifest, ManifestError};

/// Folder of the numbered manifests.
pub(crate) const MANIFESTS: &str = "manifests";
/// Digits in a manifest's file name: enough for any `u64`, so that names sort as numbers do.
const NUMBER_DIGITS: usize = 20;
/// How many unreadable manifests `latest` steps over before it gives up.
const SKIP_LIMIT: usize = 64;

/// A folder of immutable files and numbered manifests; with a home, the verified copy of a store that decides. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lake {
    store: Arc<dyn ObjectStore>,
    root: PathBuf,
    home: Option<Home>,
}

/// Where what decides is: in the home, if the lake has one, else in its folder.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) store: Arc<dyn ObjectStore>,
    home: Option<Home>,
}

impl Truth {
    /// What the store said of the file or folder at `path`.
    pub(crate) fn failed(&self, path: &str, source: object_store::Error) -> LakeError {
        match &self.home {
            Some(home) => home.failed(path, source),
            None => store_error(path, source),
        }
    }
}

/// The newest snapshot that can be trusted, and the newer ones that can't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// None where nothing was committed yet.
    pub manifest: Option<Manifest>,
    /// Manifests with higher numbers, newest first, and why each was stepped over: worth a warning.
    pub skipped: Vec<Skipped>,
}

/// A manifest that was stepped over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("manifest {number} is ignored: {reason}")]
pub struct Skipped {
    /// Its number, from its file name.
    pub number: u64,
    /// Why it can't be trusted.
    #[source]
    pub reason: ManifestError,
}

/// Why the lake could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The folder is missing and can't be created.
    #[error("could not open or create the lake folder `{}`", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The store failed.
    #[error("could not read `{path}` in the lake")]
    Store {
        /// Place in the lake.
        path: String,
        /// What the store said.
        #[source]
        source: StoreFailure,
    },
    /// The home failed, or is away.
    #[error("the lake's store failed at `{place}`; check that it can be reached, and that the AWS_* variables are those of this bucket")]
    Home {
        /// URL of what was asked for.
        place: String,
        /// What the store said.
        #[source]
        source: StoreFailure,
    },
    /// A file could not be made durable.
    #[error("could not sync `{}` to disk", path.display())]
    Sync {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file that nobody needs could not be removed.
    #[error("could not remove `{path}` from the lake")]
    Remove {
        /// Place in the lake.
        path: String,
        /// What the store said.
        #[source]
        source: StoreFailure,
    },
    /// What only a local disk has could not be changed.
    #[error("could not {what} the lake `{}`", path.display())]
    Disk {
        /// What was tried.
        what: &'static str,
        /// The lake's folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The lake could not be locked for a commit or a collection.
    #[error("could not lock the lake by `{}`", path.display())]
    Lock {
        /// The lock's file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A path that leads outside the lake, or a manifest that can't be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl LakeError {
    /// Whether the store is there, but not what it was asked for.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Store { source, .. } | Self::Home { source, .. } if source.is_missing())
    }
}

impl Lake {
    /// Opens a lake on local disk; creates the folder where it is missing, so that a reader may start before the first run.
    pub fn local(path: impl AsRef<Path>) -> Result<Self, LakeError> {
        let folder = |source| LakeError::Folder { path: path.as_ref().to_owned(), source };
        std::fs::create_dir_all(&path).map_err(folder)?;
        let root = std::fs::canonicalize(&path).map_err(folder)?;
        let store = LocalFileSystem::new_with_prefix(&root).map_err(|source| store_error(&root.to_string_lossy(), source))?;
        Ok(Self { store: Arc::new(store), root, home: None })
    }

    /// The store that decides, where it is not the folder.
    pub fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    pub(crate) fn at_home(self, home: Home) -> Self {
        Self { home: Some(home), ..self }
    }

    /// The folder alone, as a lake of its own: what can be read while the home is away.
    pub fn copy(&self) -> Self {
        Self { home: None, ..self.clone() }
    }

    pub(crate) fn truth(&self) -> Truth {
        let store = self.home.as_ref().map_or(&self.store, |home| &home.store);
        Truth { store: Arc::clone(store), home: self.home.clone() }
    }

    /// What people call it: the URL of its home, else its folder.
    pub fn place(&self) -> String {
        self.home.as_ref().map_or_else(|| self.root.display().to_string(), |home| home.url().to_string())
    }

    /// The folder as a store, rooted at the lake. With a home it holds what was pulled.
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// The lake's folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a manifest's file lies on disk, having checked that it lies inside the lake.
    pub fn file(&self, path: &str) -> Result<PathBuf, ManifestError> {
        Ok(self.root.join(crate::manifest::lake_path(path)?.as_ref()))
    }

    /// Numbers of all manifests, ascending, whether or not they can be read.
    pub async fn numbers(&self) -> Result<Vec<u64>, LakeError> {
        Ok(self.numbered().await?.into_iter().map(|(number, _)| number).collect())
    }

    /// Number of each manifest and when it was written, ascending, whether or not it can be read.
    pub(crate) async fn numbered(&self) -> Result<Vec<(u64, DateTime<Utc>)>, LakeError> {
        let truth = self.truth();
        let listed = truth.store.list(Some(&StorePath::from(MANIFESTS)));
        let numbered = listed.try_filter_map(|object| async move { Ok(number_of(&object.location).map(|n| (n, object.last_modified))) });
        let mut numbers: Vec<_> = numbered.try_collect().await.map_err(|source| truth.failed(MANIFESTS, source))?;
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// One manifest, by number.
    pub async fn manifest(&self, number: u64) -> Result<Manifest, LakeError> {
        let (path, truth) = (manifest_path(number), self.truth());
        let got = async { truth.store.get(&path).await?.bytes().await };
        let json = got.await.map_err(|source| truth.failed(path.as_ref(), source))?;
        let manifest = Manifest::from_json(&json)?;
        if manifest.number != number {
            return Err(ManifestError::Number { stated: manifest.number, file: number }.into());
        }
        Ok(manifest)
    }

    /// The newest manifest that can be trusted: torn, changed or too new ones are stepped over and reported.
    pub async fn latest(&self) -> Result<Latest, LakeError> {
        let mut skipped = Vec::new();
        for number in self.numbers().await?.into_iter().rev().take(SKIP_LIMIT) {
            match self.manifest(number).await {
                Ok(manifest) => return Ok(Latest { manifest: Some(manifest), skipped }),
                Err(LakeError::Manifest(reason)) => skipped.push(Skipped { number, reason }),
                Err(error) => return Err(error),
            }
        }
        Ok(Latest { manifest: None, skipped })
    }
}

/// Where a manifest lies in the lake.
pub(crate) fn manifest_path(number: u64) -> StorePath {
    numbered_path(MANIFESTS, number)
}

/// Where something with a number lies in `folder`: names sort as numbers do.
pub(crate) fn numbered_path(folder: &str, number: u64) -> StorePath {
    StorePath::from(format!("{folder}/{number:0NUMBER_DIGITS$}.json"))
}

pub(crate) fn store_error(path: &str, source: object_store::Error) -> LakeError {
    LakeError::Store { path: path.to_owned(), source: source.into() }
}

/// The number in a file name such as that of a manifest.
pub(crate) fn number_of(location: &StorePath) -> Option<u64> {
    let digits = location.filename()?.strip_suffix(".json")?;
    let all_digits = digits.len() == NUMBER_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_empty_lake_has_no_latest() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::local(folder.path().join("new/lake")).unwrap();
        assert_eq!(lake.latest().await.unwrap(), Latest { manifest: None, skipped: Vec::new() });
    }

    #[tokio::test]
    async fn other_files_among_the_manifests_are_not_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::local(folder.path()).unwrap();
        let manifests = folder.path().join(MANIFESTS);
        std::fs::create_dir(&manifests).unwrap();
        for name in ["1.json", "00000000000000000001.json#1", "+0000000000000000001.json", "99999999999999999999.json", "x"] {
            std::fs::write(manifests.join(name), "{}").unwrap();
        }
        assert!(lake.numbers().await.unwrap().is_empty());
    }
}
