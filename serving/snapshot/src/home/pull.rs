//! From the home into the copy: what a manifest names, checked on the way, and then the manifest.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use sha2::{Digest, Sha256};

use super::Home;
use super::limits::{FILES_AT_ONCE, PART_BYTES, PARTS_AT_ONCE, PULL_TRIES};
use crate::lake::{Lake, LakeError, manifest_path};
use crate::lock::Held;
use crate::manifest::{FileEntry, Manifest, lake_path};
use crate::verify::VerifyError;

const WRITE: &str = "write what the store has into";

/// Why the copy does not hold a snapshot of the home.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// A file is not what was published.
    #[error(transparent)]
    Damaged(#[from] VerifyError),
    /// The folder and the home differ in what is collected.
    #[error("files of snapshot {number} were removed from the copy as often as they were fetched; end the other processes on this lake")]
    Restless {
        /// The snapshot.
        number: u64,
    },
    /// The store or the folder failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

impl Lake {
    /// Brings all that `manifest`, which is the home's, names into the copy, and then the manifest itself. Nothing where there is no
    /// home.
    ///
    /// A file that is there with the right size is left as it is: it was checked when it came. What the home has collected since goes
    /// from the copy.
    pub async fn pull(&self, manifest: &Manifest) -> Result<(), PullError> {
        let Some(home) = self.home() else { return Ok(()) };
        for _ in 0..PULL_TRIES {
            let missing = self.missing(manifest.files()).await?;
            let fetched = missing.into_iter().map(|file| fetch(self.clone(), home.clone(), file));
            futures::stream::iter(fetched).buffer_unordered(FILES_AT_ONCE).try_collect::<()>().await?;
            let held = self.lock().await?;
            // Nobody removes a file from here on.
            if self.missing(manifest.files()).await?.is_empty() {
                return Ok(self.adopt(home, manifest, &held).await?);
            }
        }
        Err(PullError::Restless { number: manifest.number })
    }

    /// Brings the sidecar's files of `manifest` into the copy, and the manifest for the day on which the home is away; every byte is
    /// checked, also of what was there. Without a home: whether they are in the folder as published.
    pub async fn bring_serve(&self, manifest: &Manifest) -> Result<(), PullError> {
        let Some(home) = self.home() else { return Ok(self.verify_serve(manifest).await?) };
        let copy = self.copy();
        for file in &manifest.serve {
            if copy.verify_file(file).await.is_err() {
                fetch(self.clone(), home.clone(), file.clone()).await?;
            }
        }
        Ok(self.write_manifest(home, manifest).await?)
    }

    /// Files that the copy has not, or not in their size, each once.
    async fn missing<'a>(&self, files: impl Iterator<Item = &'a FileEntry>) -> Result<Vec<FileEntry>, LakeError> {
        let files: BTreeMap<String, FileEntry> = files.map(|file| (file.path.clone(), file.clone())).collect();
        self.on_disk("look for files in", move |root| {
            let is_missing = |file: &FileEntry| fs::metadata(root.join(&file.path)).map_or(true, |found| found.len() != file.bytes);
            Ok(files.into_values().filter(is_missing).collect())
        })
        .await
    }

    async fn adopt(&self, home: &Home, manifest: &Manifest, held: &Held) -> Result<(), LakeError> {
        if self.copy().manifest(manifest.number).await.is_ok_and(|found| found.manifest_hash == manifest.manifest_hash) {
            return Ok(());
        }
        self.write_manifest(home, manifest).await?;
        self.follow(held).await
    }

    /// The manifest as its home has it, byte for byte.
    async fn write_manifest(&self, home: &Home, manifest: &Manifest) -> Result<(), LakeError> {
        let path = manifest_path(manifest.number);
        let json = home.read(&path).await?;
        if Manifest::from_json(&json)?.manifest_hash != manifest.manifest_hash {
            return Err(crate::manifest::ManifestError::Malformed("it was replaced while it was read".to_owned()).into());
        }
        let target = self.root().join(path.as_ref());
        self.on_disk(WRITE, move |_| Half::create(&target)?.add(&json)?.finish(&target).map(drop)).await?;
        self.sync(&path).await
    }
}

/// Fetches a file into the copy: under another name until it is whole, checked and synced.
async fn fetch(lake: Lake, home: Home, file: FileEntry) -> Result<(), PullError> {
    let location = lake_path(&file.path).map_err(VerifyError::from)?;
    let target = lake.root().join(location.as_ref());
    let begun = target.clone();
    let mut half = lake.on_disk(WRITE, move |_| Half::create(&begun)).await?;
    let starts = (0..file.bytes).step_by(PART_BYTES as usize);
    let ranges = starts.map(|start| home.store.get_range(&location, start..file.bytes.min(start + PART_BYTES)));
    let mut parts = futures::stream::iter(ranges).buffered(PARTS_AT_ONCE);
    while let Some(part) = parts.next().await {
        let part = part.map_err(|source| home.failed(location.as_ref(), source))?;
        half = lake.on_disk(WRITE, move |_| half.add(&part)).await?;
    }
    half.check(&file, home.url().join(&file.path))?;
    let ended = target.clone();
    lake.on_disk(WRITE, move |_| half.finish(&ended)).await?;
    Ok(lake.sync(&location).await?)
}

/// A file that is not whole yet; removed where it never becomes so.
struct Half {
    path: PathBuf,
    file: File,
    bytes: u64,
    hasher: Sha256,
    is_whole: bool,
}

impl Half {
    /// Begun beside `target`, under a name that a collection knows for a half.
    fn create(target: &Path) -> io::Result<Self> {
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut name = target.as_os_str().to_owned();
        name.push(format!("#{}", std::process::id()));
        let path = PathBuf::from(name);
        Ok(Self { file: File::create(&path)?, path, bytes: 0, hasher: Sha256::new(), is_whole: false })
    }

    fn add(mut self, part: &[u8]) -> io::Result<Self> {
        self.file.write_all(part)?;
        self.hasher.update(part);
        self.bytes += part.len() as u64;
        Ok(self)
    }

    /// Whether it is what was published as `file`; `path` is what people call it.
    fn check(&self, file: &FileEntry, path: String) -> Result<(), VerifyError> {
        let found = hex::encode(self.hasher.clone().finalize());
        match () {
            () if self.bytes != file.bytes => Err(VerifyError::Size { path, expected: file.bytes, found: self.bytes }),
            () if found != file.sha256 => Err(VerifyError::Hash { path, expected: file.sha256.clone(), found }),
            () => Ok(()),
        }
    }

    fn finish(mut self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        self.is_whole = true;
        Ok(())
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if !self.is_whole {
            // One that stays is collected a day later.
            let _ = fs::remove_file(&self.path);
        }
    }
}
