//! From a written file to a durable, hashed entry of a manifest. Knows nothing of what the file holds.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use object_store::path::Path as StorePath;
use sha2::{Digest, Sha256};

use crate::lake::{Lake, LakeError};
use crate::manifest::{FileEntry, lake_path};

/// Bytes read at once while hashing: large enough that one request costs little, small enough for a sidecar's memory.
const HASH_PIECE_BYTES: u64 = 4 << 20;
/// Folders synced at the same time: the disk writes for many what it writes for one.
const SYNCS_AT_ONCE: usize = 16;

impl Lake {
    /// Makes what a written file holds durable, then reads it back for its size and hash.
    ///
    /// `path` is relative to the lake. The file is synced, because the store never does that; its name is safe once it is committed,
    /// which syncs the folders of many files at once.
    pub async fn seal(&self, path: &str) -> Result<FileEntry, LakeError> {
        let location = lake_path(path)?;
        self.sync_one(self.root().join(location.as_ref())).await?;
        let (bytes, sha256) = self.copy().size_and_hash(&location).await?;
        Ok(FileEntry { path: path.to_owned(), rows: None, bytes, sha256, part: None, key: None })
    }

    /// Size in bytes and SHA-256 (hex) of a file where the lake's truth is.
    pub(crate) async fn size_and_hash(&self, location: &StorePath) -> Result<(u64, String), LakeError> {
        let truth = self.truth();
        let (failed, store) = (|source| truth.failed(location.as_ref(), source), &truth.store);
        let bytes = store.head(location).await.map_err(failed)?.size;
        let mut hasher = Sha256::new();
        let mut start = 0;
        while start < bytes {
            let end = bytes.min(start + HASH_PIECE_BYTES);
            hasher.update(&store.get_range(location, start..end).await.map_err(failed)?);
            start = end;
        }
        Ok((bytes, hex::encode(hasher.finalize())))
    }

    /// Makes the names of sealed `files` durable: syncs the folders in which the copy has them, up to its root, each once.
    pub(crate) async fn sync_names(&self, files: impl Iterator<Item = &FileEntry>) -> Result<(), LakeError> {
        let folders: BTreeSet<&Path> = files.flat_map(|file| Path::new(&file.path).ancestors().skip(1)).collect();
        let folders: Vec<PathBuf> = folders.into_iter().map(|folder| self.root().join(folder)).filter(|folder| folder.is_dir()).collect();
        futures::stream::iter(folders).map(|folder| self.sync_one(folder)).buffer_unordered(SYNCS_AT_ONCE).try_collect().await
    }

    async fn sync_one(&self, path: PathBuf) -> Result<(), LakeError> {
        let synced = tokio::task::spawn_blocking(move || sync(&path)).await;
        synced.unwrap_or_else(|stopped| Err(sync_error(self.root(), std::io::Error::other(stopped))))
    }

    /// Syncs a file of the lake and every folder from it up to the root.
    pub(crate) async fn sync(&self, location: &StorePath) -> Result<(), LakeError> {
        let root = self.root().to_owned();
        let file = root.join(location.as_ref());
        let synced = tokio::task::spawn_blocking(move || sync_up_to(&root, &file)).await;
        synced.unwrap_or_else(|stopped| Err(sync_error(self.root(), std::io::Error::other(stopped))))
    }
}

/// Syncs `file` and every folder from it up to `root`.
pub(crate) fn sync_up_to(root: &Path, file: &Path) -> Result<(), LakeError> {
    file.ancestors().take_while(|path| path.starts_with(root)).try_for_each(sync)
}

fn sync(path: &Path) -> Result<(), LakeError> {
    File::open(path).and_then(|open| open.sync_all()).map_err(|source| sync_error(path, source))
}

fn sync_error(path: &Path, source: std::io::Error) -> LakeError {
    LakeError::Sync { path: PathBuf::from(path), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn seals_size_and_hash() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::local(folder.path()).unwrap();
        std::fs::create_dir_all(folder.path().join("data/r")).unwrap();
        std::fs::write(folder.path().join("data/r/x.bin"), "abc").unwrap();
        let entry = lake.seal("data/r/x.bin").await.unwrap().with_rows(7);
        assert_eq!((entry.bytes, entry.rows), (3, Some(7)));
        assert_eq!(entry.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[tokio::test]
    async fn a_missing_file_cannot_be_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::local(folder.path()).unwrap();
        assert!(matches!(lake.seal("data/none").await, Err(LakeError::Sync { .. })));
        assert!(matches!(lake.seal("../etc/passwd").await, Err(LakeError::Manifest(_))));
    }
}
