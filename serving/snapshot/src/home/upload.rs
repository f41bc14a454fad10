//! The files of a draft on their way into the home, before its manifest may name them.

use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use object_store::path::Path as StorePath;
use object_store::{ObjectStoreExt, PutPayload, WriteMultipart};
use sha2::{Digest, Sha256};

use super::Home;
use super::limits::{FILES_AT_ONCE, PART_BYTES, PARTS_AT_ONCE, PARTS_MAX};
use crate::commit::CommitError;
use crate::lake::{Lake, LakeError};
use crate::manifest::{FileEntry, Manifest, hex_sha256, lake_path};

impl Lake {
    /// Puts the files of `draft` that `parent` does not name into the home, if there is one, and looks that they are there.
    pub(crate) async fn upload(&self, draft: &Manifest, parent: Option<&Manifest>) -> Result<(), CommitError> {
        let Some(home) = self.home() else { return Ok(()) };
        let mut there: HashSet<&str> = parent.iter().flat_map(|parent| parent.files()).map(|file| file.path.as_str()).collect();
        let new: Vec<FileEntry> = draft.files().filter(|file| there.insert(&file.path)).cloned().collect();
        let sent = new.into_iter().map(|file| upload_file(self.clone(), home.clone(), file));
        futures::stream::iter(sent).buffer_unordered(FILES_AT_ONCE).try_collect().await
    }
}

async fn upload_file(lake: Lake, home: Home, file: FileEntry) -> Result<(), CommitError> {
    let location = lake_path(&file.path)?;
    // What another try has put, or an older snapshot that readers are taken back to.
    if is_there(&home, &location, file.bytes).await? {
        return Ok(());
    }
    let local = Local::open(&lake, file).await?;
    let sent =
        if local.entry.bytes <= PART_BYTES { put_whole(&home, &location, &local).await } else { put_parts(&home, &location, &local).await };
    // Whatever was answered, what is there decides: the name is this run's own, and a store shows whole files alone.
    if is_there(&home, &location, local.entry.bytes).await? {
        return Ok(());
    }
    sent?;
    Err(CommitError::Gone { path: home.url().join(location.as_ref()) })
}

async fn is_there(home: &Home, location: &StorePath, bytes: u64) -> Result<bool, LakeError> {
    match home.store.head(location).await {
        Ok(found) => Ok(found.size == bytes),
        Err(object_store::Error::NotFound { .. }) => Ok(false),
        Err(source) => Err(home.failed(location.as_ref(), source)),
    }
}

async fn put_whole(home: &Home, location: &StorePath, local: &Local) -> Result<(), CommitError> {
    let bytes = local.read(0, local.entry.bytes).await?;
    local.check(&hex_sha256(&bytes))?;
    home.store.put(location, PutPayload::from(bytes)).await.map_err(|source| home.failed(location.as_ref(), source))?;
    Ok(())
}

/// In parts, which become a file when all are there and hash to what was sealed.
async fn put_parts(home: &Home, location: &StorePath, local: &Local) -> Result<(), CommitError> {
    let failed = |source| home.failed(location.as_ref(), source);
    let upload = home.store.put_multipart(location).await.map_err(failed)?;
    let part_bytes = PART_BYTES.max(local.entry.bytes.div_ceil(PARTS_MAX));
    let mut parts = WriteMultipart::new_with_chunk_size(upload, usize::try_from(part_bytes).unwrap_or(usize::MAX));
    match send(&mut parts, (home, location), (local, part_bytes)).await {
        Ok(()) => Ok(parts.finish().await.map(drop).map_err(failed)?),
        Err(error) => {
            // The error that matters is the first; parts that stay are the store's to clean up.
            let _ = parts.abort().await;
            Err(error)
        }
    }
}

async fn send(
    parts: &mut WriteMultipart,
    (home, location): (&Home, &StorePath),
    (local, part_bytes): (&Local, u64),
) -> Result<(), CommitError> {
    let mut hasher = Sha256::new();
    let mut start = 0;
    while start < local.entry.bytes {
        let part = local.read(start, part_bytes.min(local.entry.bytes - start)).await?;
        hasher.update(&part);
        start += part.len() as u64;
        parts.wait_for_capacity(PARTS_AT_ONCE).await.map_err(|source| home.failed(location.as_ref(), source))?;
        parts.put(part.into());
    }
    local.check(&hex::encode(hasher.finalize()))
}

/// A sealed file of the copy.
struct Local {
    lake: Lake,
    file: Arc<File>,
    entry: FileEntry,
}

impl Local {
    async fn open(lake: &Lake, entry: FileEntry) -> Result<Self, CommitError> {
        let path = entry.path.clone();
        let file = Arc::new(lake.on_disk(READ, move |root| File::open(root.join(path))).await?);
        Ok(Self { lake: lake.clone(), file, entry })
    }

    async fn read(&self, start: u64, bytes: u64) -> Result<Vec<u8>, LakeError> {
        let file = Arc::clone(&self.file);
        let read = move || {
            let mut part = vec![0; usize::try_from(bytes).map_err(std::io::Error::other)?];
            file.read_exact_at(&mut part, start)?;
            Ok(part)
        };
        self.lake.on_disk(READ, move |_| read()).await
    }

    /// Whether what was read is what was sealed.
    fn check(&self, sha256: &str) -> Result<(), CommitError> {
        if sha256 == self.entry.sha256 { Ok(()) } else { Err(CommitError::Changed { path: self.entry.path.clone() }) }
    }
}

const READ: &str = "read what is to be published from";
