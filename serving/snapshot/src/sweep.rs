//! What only a local disk has: halves of puts, scratch folders and empty folders of runs that were killed.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::gc::{FOLDERS, Waste};
use crate::lake::{Lake, LakeError, MANIFESTS};

/// What the names of runs' scratch folders begin with.
const SCRATCH: &str = ".scratch-";

impl Lake {
    /// Scratch folders, and halves of puts (`name#1`), in which nothing has changed since `before`: the store can't see them.
    pub(crate) async fn leftovers(&self, before: DateTime<Utc>) -> Result<Vec<Waste>, LakeError> {
        self.on_disk("sweep", move |root| {
            let mut found: Vec<PathBuf> = entries(root)?.into_iter().filter(is_scratch).map(|entry| entry.path()).collect();
            for folder in FOLDERS.iter().chain(&[MANIFESTS]) {
                walk(&root.join(folder), &mut |entry| {
                    if is_half(entry) {
                        found.push(entry.path());
                    }
                })?;
            }
            let mut leftovers = Vec::new();
            for path in found {
                let (newest, bytes) = newest_and_bytes(&path)?;
                if newest < before {
                    let path = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                    leftovers.push(Waste { path, bytes });
                }
            }
            Ok(leftovers)
        })
        .await
    }

    /// Removes `leftovers`, then folders of runs that are empty, if one of `removed` lay there or nothing has changed since `before`.
    pub(crate) async fn sweep(&self, leftovers: &[Waste], removed: &[Waste], before: DateTime<Utc>) -> Result<(), LakeError> {
        let (leftovers, removed) = (paths(leftovers), paths(removed));
        self.on_disk("sweep", move |root| {
            for path in leftovers.iter().map(|path| root.join(path)) {
                ignore_missing(if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) })?;
            }
            for run in runs(root)? {
                if removed.iter().any(|path| root.join(path).starts_with(&run)) || newest_and_bytes(&run)?.0 < before {
                    remove_if_empty(&run)?;
                }
            }
            let changed = removed.iter().chain(&leftovers).map(|path| root.join(path));
            let folders: BTreeSet<PathBuf> =
                changed.filter_map(|path| path.ancestors().skip(1).find(|p| p.is_dir()).map(Path::to_owned)).collect();
            folders.iter().try_for_each(|folder| File::open(folder)?.sync_all())
        })
        .await
    }

    /// Does `work` in the lake's folder, where it may wait for the disk.
    pub(crate) async fn on_disk<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, LakeError> {
        let root = self.root().to_owned();
        let done = tokio::task::spawn_blocking(move || work(&root)).await.unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
        done.map_err(|source| LakeError::Disk { what, path: self.root().to_owned(), source })
    }
}

fn paths(waste: &[Waste]) -> Vec<String> {
    waste.iter().map(|waste| waste.path.clone()).collect()
}

fn is_scratch(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir()) && entry.file_name().to_string_lossy().starts_with(SCRATCH)
}

/// The store's name for what it has not put whole: `name#1`.
fn is_half(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy().into_owned();
    name.rsplit_once('#').is_some_and(|(_, count)| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()))
}

fn runs(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut runs = Vec::new();
    for folder in FOLDERS {
        runs.extend(entries(&root.join(folder))?.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
    Ok(runs)
}

/// What lies in a folder; nothing where there is no such folder.
pub(crate) fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Shows `see` everything below `folder`, without following links.
fn walk(folder: &Path, see: &mut dyn FnMut(&DirEntry)) -> io::Result<()> {
    for entry in entries(folder)? {
        see(&entry);
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), see)?;
        }
    }
    Ok(())
}

/// When something at or below `path` changed last, and the bytes there. What vanishes meanwhile counts as changed just now.
fn newest_and_bytes(path: &Path) -> io::Result<(DateTime<Utc>, u64)> {
    let about = |path: &Path| match fs::symlink_metadata(path) {
        Ok(meta) => Ok((meta.modified()?.into(), if meta.is_dir() { 0 } else { meta.len() })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((DateTime::<Utc>::MAX_UTC, 0)),
        Err(error) => Err(error),
    };
    let mut below = vec![about(path)?];
    if path.is_dir() {
        let mut seen = Vec::new();
        walk(path, &mut |entry| seen.push(entry.path()))?;
        for path in seen {
            below.push(about(&path)?);
        }
    }
    let newest = below.iter().map(|(changed, _)| *changed).max().unwrap_or(DateTime::<Utc>::MAX_UTC);
    Ok((newest, below.iter().map(|(_, bytes)| bytes).sum()))
}

/// Removes a folder of folders in which there is no file.
fn remove_if_empty(folder: &Path) -> io::Result<()> {
    for entry in entries(folder)? {
        if entry.file_type()?.is_dir() {
            remove_if_empty(&entry.path())?;
        }
    }
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        other => ignore_missing(other),
    }
}

pub(crate) fn ignore_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
