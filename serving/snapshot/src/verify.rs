//! Whether the files a manifest names are there, whole and unchanged. What they hold is their readers' business.

use std::collections::HashSet;

use futures::StreamExt;

use crate::lake::{Lake, LakeError};
use crate::manifest::{FileEntry, Manifest, ManifestError, lake_path};

/// Files hashed at the same time: a store far away answers several as fast as one.
const HASHED_AT_ONCE: usize = 8;

/// Which file of a snapshot can't be trusted, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Not there, or not readable.
    #[error("`{path}` can't be read")]
    Unreadable {
        /// Place in the lake.
        path: String,
        /// What the store said.
        #[source]
        source: Box<LakeError>,
    },
    /// Cut or grown.
    #[error("`{path}` has {found} bytes, but its manifest says {expected}")]
    Size {
        /// Place in the lake.
        path: String,
        /// Bytes in the manifest.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// Changed.
    #[error("`{path}` hashes to `{found}`, but its manifest says `{expected}`")]
    Hash {
        /// Place in the lake.
        path: String,
        /// SHA-256 (hex) in the manifest.
        expected: String,
        /// SHA-256 (hex) of the bytes found.
        found: String,
    },
    /// A path that leads outside the lake.
    #[error(transparent)]
    Path(#[from] ManifestError),
}

impl Lake {
    /// Checks existence, size and SHA-256 of every file the snapshot names, where the lake's truth is.
    pub async fn verify(&self, manifest: &Manifest) -> Result<(), VerifyError> {
        for file in manifest.files() {
            self.verify_file(file).await?;
        }
        Ok(())
    }

    /// What is wrong with any of `files`, each of them looked at once.
    pub async fn damages<'a>(&self, files: impl IntoIterator<Item = &'a FileEntry>) -> Vec<VerifyError> {
        let mut seen = HashSet::new();
        let distinct = files.into_iter().filter(|file| seen.insert((&file.path, &file.sha256, file.bytes)));
        let hashed = distinct.map(|file| self.verify_file(file)).collect::<Vec<_>>();
        let damages = futures::stream::iter(hashed).buffered(HASHED_AT_ONCE).filter_map(async |found| found.err());
        damages.collect().await
    }

    /// Checks the sidecar's files only: a reader that serves nothing else needn't read every table.
    pub async fn verify_serve(&self, manifest: &Manifest) -> Result<(), VerifyError> {
        for file in &manifest.serve {
            self.verify_file(file).await?;
        }
        Ok(())
    }

    pub(crate) async fn verify_file(&self, file: &FileEntry) -> Result<(), VerifyError> {
        let location = lake_path(&file.path)?;
        let path = file.path.clone();
        let (found, hash) = match self.size_and_hash(&location).await {
            Ok(read) => read,
            Err(source) => return Err(VerifyError::Unreadable { path, source: Box::new(source) }),
        };
        if found != file.bytes {
            return Err(VerifyError::Size { path, expected: file.bytes, found });
        }
        if hash != file.sha256 {
            return Err(VerifyError::Hash { path, expected: file.sha256.clone(), found: hash });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use chrono::DateTime;

    use super::*;

    async fn sealed() -> (tempfile::TempDir, Lake, Manifest, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::local(folder.path()).unwrap();
        let file = folder.path().join("serve.bin");
        std::fs::write(&file, "abc").unwrap();
        let mut manifest = Manifest::draft("r", DateTime::UNIX_EPOCH, "test");
        manifest.serve.push(lake.seal("serve.bin").await.unwrap());
        (folder, lake, manifest, file)
    }

    #[tokio::test]
    async fn accepts_what_was_sealed() {
        let (_folder, lake, manifest, _) = sealed().await;
        lake.verify(&manifest).await.unwrap();
        lake.verify_serve(&manifest).await.unwrap();
    }

    #[tokio::test]
    async fn notices_a_changed_a_cut_and_a_missing_file() {
        let (_folder, lake, manifest, file) = sealed().await;
        std::fs::write(&file, "abd").unwrap();
        assert!(matches!(lake.verify(&manifest).await, Err(VerifyError::Hash { .. })));
        std::fs::write(&file, "ab").unwrap();
        assert!(matches!(lake.verify(&manifest).await, Err(VerifyError::Size { expected: 3, found: 2, .. })));
        std::fs::remove_file(&file).unwrap();
        assert!(matches!(lake.verify_serve(&manifest).await, Err(VerifyError::Unreadable { .. })));
    }

    #[tokio::test]
    async fn tells_every_damage_once() {
        let (folder, lake, mut manifest, file) = sealed().await;
        std::fs::write(folder.path().join("other.bin"), "xyz").unwrap();
        manifest.serve.push(lake.seal("other.bin").await.unwrap());
        assert!(lake.damages(manifest.files()).await.is_empty());
        std::fs::write(&file, "abd").unwrap();
        std::fs::remove_file(folder.path().join("other.bin")).unwrap();
        let damages = lake.damages(manifest.files().chain(manifest.files())).await;
        assert!(matches!(damages.as_slice(), [VerifyError::Hash { .. }, VerifyError::Unreadable { .. }]), "{damages:?}");
    }
}
