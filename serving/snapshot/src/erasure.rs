//! The registry of members who were erased: one small file each, named by a keyed hash of the id, so that it travels with the lake and
//! names nobody.
//!
//! A file is there whole or not at all, and is never written again. Who is erased is told by the files' names; what they say is the
//! proof that it was done.

use std::fs::{self, File};
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::lake::{Lake, LakeError};
use crate::manifest::lake_path;
use crate::pseudonym::PseudonymKey;
use crate::seal::sync_up_to;
use crate::sweep::entries;

pub(crate) const ERASED: &str = "erased";
const EXTENSION: &str = "json";
/// The version this program writes, `major.minor`: readers tolerate newer minors.
const ERASURE_VERSION: &str = "1.0";

/// A member who was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Version of this format, `major.minor`.
    pub format_version: String,
    /// Keyed hash of the id, by which whoever holds the key finds the row again; 32 hex digits.
    pub proof: String,
    /// Local day on which it was asked for.
    pub erased_on: NaiveDate,
    /// Number of the latest snapshot then, the last that may have held the member; none in an empty lake.
    pub last_snapshot: Option<u64>,
    /// Tables of that snapshot that held the member.
    pub tables: u64,
    /// Their rows that named the member.
    pub rows: u64,
}

/// Why the registry could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErasureError {
    /// The system failed.
    #[error("could not read or write `{}` in the registry of erased members", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: Error,
    },
    /// Not an entry.
    #[error("`{}` is not an entry of the registry of erased members; restore it from a backup, or remove it and forget the member again", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The names can't be compared with ids.
    #[error(
        "members were erased under another pseudonym key, and this one can't tell who they are; give `privacy.key_file` that key, or name them in the file of `privacy.erased` and remove `{}`",
        path.display()
    )]
    OtherKey {
        /// The folder of the other key.
        path: PathBuf,
    },
    /// It was written and may be lost.
    #[error(transparent)]
    Sync(#[from] LakeError),
}

impl Erasure {
    /// Of the member with this `proof`; not registered yet.
    pub fn new(proof: String, erased_on: NaiveDate, last_snapshot: Option<u64>) -> Self {
        Self { format_version: ERASURE_VERSION.to_owned(), proof, erased_on, last_snapshot, tables: 0, rows: 0 }
    }
}

/// Everyone who was erased from the lake in the folder `lake` under `key`, by proof.
pub fn erasures(lake: &Path, key: &PseudonymKey) -> Result<Vec<Erasure>, ErasureError> {
    let registry = lake.join(ERASED);
    let own = registry.join(key.fingerprint());
    if let Some(path) = below(&registry)?.into_iter().find(|path| path.is_dir() && *path != own) {
        return Err(ErasureError::OtherKey { path });
    }
    let files = below(&own)?.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
    let mut erasures = files.map(|path| read(&path)).collect::<Result<Vec<_>, _>>()?;
    erasures.sort_by(|a, b| a.proof.cmp(&b.proof));
    Ok(erasures)
}

impl Lake {
    /// Registers a member durably, in the home first if there is one. One who is registered already stays as registered.
    pub async fn erase(&self, erasure: &Erasure, key: &PseudonymKey) -> Result<(), ErasureError> {
        let path = format!("{ERASED}/{}/{}.{EXTENSION}", key.fingerprint(), erasure.proof);
        let json = serde_json::to_vec(erasure).map_err(|source| ErasureError::Format { path: self.root().join(&path), source })?;
        let registered = match self.home() {
            Some(home) => home.create(&lake_path(&path).map_err(LakeError::from)?, json).await?,
            None => json,
        };
        put_entry(self.root(), &path, &registered)
    }
}

/// Whether `path` in the lake is that of an entry.
pub(crate) fn is_entry(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts.as_slice(), [ERASED, _, name] if !name.starts_with('.') && Path::new(name).extension().is_some_and(|end| end == EXTENSION))
}

/// Puts an entry at `path` in the lake's folder `root`, unless it is there.
pub(crate) fn put_entry(root: &Path, path: &str, json: &[u8]) -> Result<(), ErasureError> {
    let path = root.join(path);
    let failed = |source| ErasureError::Io { path: path.clone(), source };
    let (folder, name) = (path.parent().unwrap_or(root), path.file_name().unwrap_or_default());
    fs::create_dir_all(folder).map_err(failed)?;
    // Under another name first, so that nobody ever reads half of it.
    let draft = folder.join(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    File::create(&draft).and_then(|mut file| file.write_all(json).and_then(|()| file.sync_all())).map_err(failed)?;
    let linked = fs::hard_link(&draft, &path);
    fs::remove_file(&draft).map_err(failed)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed(error)),
        _ => Ok(sync_up_to(root, &path)?),
    }
}

fn read(path: &Path) -> Result<Erasure, ErasureError> {
    let json = fs::read(path).map_err(|source| ErasureError::Io { path: path.to_owned(), source })?;
    serde_json::from_slice(&json).map_err(|source| ErasureError::Format { path: path.to_owned(), source })
}

/// What lies in a folder.
fn below(folder: &Path) -> Result<Vec<PathBuf>, ErasureError> {
    let found = entries(folder).map_err(|source| ErasureError::Io { path: folder.to_owned(), source })?;
    Ok(found.iter().map(fs::DirEntry::path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn erasure(proof: &str, rows: u64) -> Erasure {
        Erasure { rows, ..Erasure::new(proof.to_owned(), NaiveDate::default(), Some(1)) }
    }

    #[tokio::test]
    async fn who_is_registered_stays_as_registered() {
        let folder = tempfile::tempdir().unwrap();
        let (lake, key) = (Lake::local(folder.path()).unwrap(), PseudonymKey::new(KEY));
        assert_eq!(erasures(folder.path(), &key).unwrap(), []);
        lake.erase(&erasure("b", 3), &key).await.unwrap();
        lake.erase(&erasure("a", 5), &key).await.unwrap();
        lake.erase(&erasure("b", 0), &key).await.unwrap();
        assert_eq!(erasures(folder.path(), &key).unwrap(), [erasure("a", 5), erasure("b", 3)]);
    }

    #[tokio::test]
    async fn another_key_can_not_tell_who_it_was() {
        let folder = tempfile::tempdir().unwrap();
        Lake::local(folder.path()).unwrap().erase(&erasure("a", 1), &PseudonymKey::new(KEY)).await.unwrap();
        let other = erasures(folder.path(), &PseudonymKey::new([8; 32]));
        assert!(matches!(other, Err(ErasureError::OtherKey { .. })));
    }

    #[test]
    fn half_a_draft_is_nobody_and_half_an_entry_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let key = PseudonymKey::new(KEY);
        let registry = folder.path().join(ERASED).join(key.fingerprint());
        fs::create_dir_all(&registry).unwrap();
        fs::write(registry.join(".a.1"), "{").unwrap();
        assert_eq!(erasures(folder.path(), &key).unwrap(), []);
        fs::write(registry.join("a.json"), "{").unwrap();
        assert!(matches!(erasures(folder.path(), &key), Err(ErasureError::Format { .. })));
    }
}
