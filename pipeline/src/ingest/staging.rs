//! Crash safety: everything is written into a hidden folder beside the table, then moved into place.
//!
//! ```text
//! raw/.ingest-<table>/building ──sealed with a journal──▶ ready ──files moved, earlier ones removed──▶ gone
//! ```
//! A crash before the seal leaves the table as it was. After it, the next ingest, or [`finish_interrupted`], moves the
//! rest: the journal says which files are new and which inputs they replace.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::raw_tables::RawTable;
use crate::ingest::error::IngestError;
use crate::ingest::names::staged_name;
use crate::ingest::quarantine;

const JOURNAL: &str = "journal.json";
/// Files waited for at once: a disk takes many together nearly as fast as one.
const SYNC_THREADS: usize = 16;

/// A table's folders, locked for one ingest.
pub(super) struct Staging {
    table: RawTable,
    output: PathBuf,
    quarantine: PathBuf,
    folder: PathBuf,
    /// Held until the end; the system lets go of it when the process dies.
    _lock: File,
}

/// What is to be moved, and what it replaces; paths with `/` below the respective folder.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Inputs whose earlier files make way: what these begin with.
    pub(super) prefixes: BTreeSet<String>,
    /// New files of the table.
    pub(super) rows: BTreeSet<PathBuf>,
    /// New files of the quarantine.
    pub(super) quarantine: BTreeSet<PathBuf>,
}

/// Puts in place what an interrupted ingest had finished writing. True if there was anything.
///
/// # Errors
/// When another ingest into the table is running, or files can't be moved.
pub fn finish_interrupted(table: RawTable, output: &Path, quarantine: &Path) -> Result<bool, IngestError> {
    if !staging_folder(table, output).exists() {
        return Ok(false);
    }
    Staging::lock(table, output, quarantine)?.apply_ready()
}

impl Staging {
    /// Locks the table, finishes what an earlier ingest left, and starts with empty folders.
    pub(super) fn begin(table: RawTable, output: &Path, quarantine: &Path) -> Result<Staging, IngestError> {
        let staging = Staging::lock(table, output, quarantine)?;
        staging.apply_ready()?;
        let building = staging.folder.join("building");
        remove_folder(&building)?;
        fs::create_dir_all(&building).map_err(IngestError::writing(&building))?;
        Ok(staging)
    }

    /// Where the table's new files are written.
    pub(super) fn rows(&self) -> PathBuf {
        self.folder.join("building").join("rows")
    }

    /// Where the quarantine's new files are written.
    pub(super) fn quarantine(&self) -> PathBuf {
        self.folder.join("building").join("quarantine")
    }

    /// Makes the new files the table's, in place of earlier ones of the same inputs.
    pub(super) fn publish(self, journal: &Journal) -> Result<(), IngestError> {
        let (building, ready) = (self.folder.join("building"), self.folder.join("ready"));
        let path = building.join(JOURNAL);
        sync_files(&self.rows(), &journal.rows)?;
        sync_files(&self.quarantine(), &journal.quarantine)?;
        let write = || -> io::Result<()> {
            let file = File::create(&path)?;
            serde_json::to_writer(&file, journal)?;
            file.sync_all()?;
            fs::rename(&building, &ready)?;
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(IngestError::writing(&path))?;
        self.apply_ready().map(|_| ())
    }

    fn lock(table: RawTable, output: &Path, quarantine: &Path) -> Result<Staging, IngestError> {
        let folder = staging_folder(table, output);
        fs::create_dir_all(&folder).map_err(IngestError::writing(&folder))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(IngestError::writing(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(IngestError::Busy { output: output.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(IngestError::Write { path, source }),
        }
        let (output, quarantine) = (output.to_owned(), quarantine.to_owned());
        Ok(Staging { table, output, quarantine, folder, _lock: lock })
    }

    /// Can be repeated after any interruption: what is moved already is left, what is to be removed is removed again.
    fn apply_ready(&self) -> Result<bool, IngestError> {
        let ready = self.folder.join("ready");
        let path = ready.join(JOURNAL);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(IngestError::Write { path, source }),
        };
        let journal: Journal = serde_json::from_slice(&text).map_err(io::Error::from).map_err(IngestError::writing(&path))?;
        self.remove_replaced(&journal)?;
        move_files(&ready.join("rows"), &self.output, &journal.rows)?;
        move_files(&ready.join("quarantine"), &self.quarantine, &journal.quarantine)?;
        remove_folder(&ready)?;
        Ok(true)
    }

    fn remove_replaced(&self, journal: &Journal) -> Result<(), IngestError> {
        for path in parquet_files(&self.output).map_err(IngestError::writing(&self.output))? {
            let new = path.strip_prefix(&self.output).is_ok_and(|path| journal.rows.contains(path));
            if !new && journal.replaces(&path) {
                remove_file(&path)?;
            }
        }
        for prefix in &journal.prefixes {
            let name = PathBuf::from(quarantine::file_name(self.table, prefix));
            if !journal.quarantine.contains(&name) {
                remove_file(&self.quarantine.join(name))?;
            }
        }
        Ok(())
    }
}

impl Journal {
    /// Whether a file of the table stems from one of the inputs: `<prefix>-<sequence>.parquet`.
    fn replaces(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = name.strip_suffix(".parquet").and_then(|name| name.rsplit_once('-')).map(|(prefix, _)| prefix);
        prefix.is_some_and(|prefix| self.prefixes.contains(prefix))
    }
}

fn staging_folder(table: RawTable, output: &Path) -> PathBuf {
    output.parent().unwrap_or(Path::new("")).join(format!(".ingest-{table}"))
}

/// Parquet files in a table's folder and in its days.
fn parquet_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            files.extend(entries(&path)?);
        } else {
            files.push(path);
        }
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    Ok(files)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Waits until files are on the disk.
fn sync_files(folder: &Path, paths: &BTreeSet<PathBuf>) -> Result<(), IngestError> {
    let paths: Vec<_> = paths.iter().map(|path| folder.join(staged_name(path))).collect();
    let sync = |path: &PathBuf| File::open(path).and_then(|file| file.sync_all()).map_err(IngestError::writing(path));
    std::thread::scope(|scope| {
        let shares = paths.chunks(paths.len().div_ceil(SYNC_THREADS).max(1));
        let threads: Vec<_> = shares.map(|share| scope.spawn(move || share.iter().try_for_each(sync))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("waiting for a file does not panic"))
    })
}

/// Moves files from staging to where they belong; those that are gone were moved before.
fn move_files(from: &Path, to: &Path, paths: &BTreeSet<PathBuf>) -> Result<(), IngestError> {
    for path in paths {
        let (source, target) = (from.join(staged_name(path)), to.join(path));
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(IngestError::writing(folder))?;
        match fs::rename(&source, &target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && target.exists() => {}
            moved => moved.map_err(IngestError::writing(&target))?,
        }
    }
    Ok(())
}

fn remove_file(path: &Path) -> Result<(), IngestError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(IngestError::writing(path)),
    }
}

fn remove_folder(path: &Path) -> Result<(), IngestError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(IngestError::writing(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &Path, name: &str, text: &str) {
        fs::create_dir_all(folder.join(name).parent().expect("a folder")).expect("a folder");
        fs::write(folder.join(name), text).expect("a file");
    }

    fn journal() -> Journal {
        let rows = BTreeSet::from(["event_date=2024-05-02/a-11111111-00000.parquet".into()]);
        Journal { prefixes: BTreeSet::from(["a-11111111".to_owned()]), rows, quarantine: BTreeSet::new() }
    }

    fn files(folder: &Path) -> Vec<String> {
        let mut files = parquet_files(folder).expect("a folder");
        files.sort();
        files.iter().map(|path| path.strip_prefix(folder).expect("below").display().to_string()).collect()
    }

    #[test]
    fn earlier_files_of_the_same_input_are_replaced() {
        let raw = tempfile::tempdir().expect("a folder");
        let (output, quarantine) = (raw.path().join("ratings"), raw.path().join("quarantine"));
        place(&output, "event_date=2024-05-01/a-11111111-00000.parquet", "old");
        place(&output, "event_date=2024-05-01/b-22222222-00000.parquet", "other");
        place(&quarantine, "ratings-a-11111111.parquet", "old");
        let staging = Staging::begin(RawTable::Ratings, &output, &quarantine).expect("unlocked");
        place(&staging.rows(), "event_date=2024-05-02+a-11111111-00000.parquet", "new");
        staging.publish(&journal()).expect("moved");
        let expected = ["event_date=2024-05-01/b-22222222-00000.parquet", "event_date=2024-05-02/a-11111111-00000.parquet"];
        assert_eq!(files(&output), expected);
        assert!(files(&quarantine).is_empty());
    }

    #[test]
    fn an_interrupted_move_is_finished_later() {
        let raw = tempfile::tempdir().expect("a folder");
        let (output, quarantine) = (raw.path().join("ratings"), raw.path().join("quarantine"));
        let ready = raw.path().join(".ingest-ratings/ready");
        place(&ready, JOURNAL, &serde_json::to_string(&journal()).expect("JSON"));
        place(&output, "event_date=2024-05-02/a-11111111-00000.parquet", "moved before the crash");
        place(&output, "event_date=2024-05-02/a-11111111-00001.parquet", "old");
        assert!(finish_interrupted(RawTable::Ratings, &output, &quarantine).expect("unlocked"));
        assert_eq!(files(&output), ["event_date=2024-05-02/a-11111111-00000.parquet"]);
        assert!(!finish_interrupted(RawTable::Ratings, &output, &quarantine).expect("unlocked"));
    }

    #[test]
    fn one_ingest_at_a_time_fills_a_table() {
        let raw = tempfile::tempdir().expect("a folder");
        let begin = || Staging::begin(RawTable::Ratings, &raw.path().join("ratings"), &raw.path().join("quarantine"));
        let first = begin().expect("unlocked");
        assert!(matches!(begin(), Err(IngestError::Busy { .. })));
        drop(first);
        assert!(begin().is_ok());
    }
}
