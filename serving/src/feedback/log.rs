//! The files: JSON lines, one or more for each UTC day, written to the end and never again.
//!
//! A file is only ever appended to by the process that made it, and by it only as long as every write has succeeded. So half a line,
//! which a killed process may leave, is the last of its file; nobody was told that it was kept.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

/// A file that has grown to this is followed by another.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Files of one day at most: far more than the largest limit has room for.
const FILES_PER_DAY_MAX: u32 = 1_000_000;
/// Ids of members are in them: for the owner, and for the group that the pipeline is in.
const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;
const EXTENSION: &str = "jsonl";

/// The folder of files, and the one that is written to.
#[derive(Debug)]
pub(crate) struct Log {
    folder: PathBuf,
    limit_bytes: u64,
    used_bytes: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    day: NaiveDate,
    bytes: u64,
}

/// Why the folder can't be used.
#[derive(Debug, thiserror::Error)]
#[error("could not use the folder of feedback `{}`", path.display())]
pub struct FeedbackError {
    /// The folder.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: std::io::Error,
}

/// Why rows were not kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum AppendError {
    /// No row is ever removed to make room: whoever ingests them does that.
    #[error("the folder of feedback is full: it holds {used_bytes} bytes of at most {limit_bytes}; move away what was ingested")]
    Full { used_bytes: u64, limit_bytes: u64 },
    #[error("could not append to the feedback")]
    Io(#[from] std::io::Error),
}

impl Log {
    /// Makes the folder where there is none, and measures what it holds.
    pub(crate) fn open(folder: &Path, limit_bytes: u64) -> Result<Self, FeedbackError> {
        let failed = |source| FeedbackError { path: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder).map_err(failed)?;
        let used_bytes = used_bytes(folder).map_err(failed)?;
        Ok(Self { folder: folder.to_owned(), limit_bytes, used_bytes, open: None })
    }

    /// Appends whole lines to the file of `day`. After this they survive the machine's death.
    pub(super) fn append(&mut self, day: NaiveDate, lines: &[u8]) -> Result<(), AppendError> {
        self.make_room(lines.len() as u64)?;
        let mut open = match self.open.take().filter(|open| open.day == day && open.bytes < FILE_BYTES_MAX) {
            Some(open) => open,
            None => self.create(day)?,
        };
        // On an error the file is left as it is, for ever: half a line may be its last.
        open.file.write_all(lines)?;
        open.file.sync_data()?;
        open.bytes += lines.len() as u64;
        self.used_bytes += lines.len() as u64;
        self.open = Some(open);
        Ok(())
    }

    fn make_room(&mut self, bytes: u64) -> Result<(), AppendError> {
        if self.used_bytes + bytes > self.limit_bytes {
            // Files may have been moved away since.
            self.used_bytes = used_bytes(&self.folder)?;
        }
        let (used_bytes, limit_bytes) = (self.used_bytes, self.limit_bytes);
        if used_bytes + bytes > limit_bytes { Err(AppendError::Full { used_bytes, limit_bytes }) } else { Ok(()) }
    }

    fn create(&self, day: NaiveDate) -> std::io::Result<Open> {
        for number in 1..=FILES_PER_DAY_MAX {
            let path = self.folder.join(format!("impressions-{day}-{number:04}.{EXTENSION}"));
            match OpenOptions::new().append(true).create_new(true).mode(FILE_MODE).open(path) {
                Ok(file) => {
                    // The name must survive too.
                    File::open(&self.folder)?.sync_all()?;
                    return Ok(Open { file, day, bytes: 0 });
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => (),
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }
}

fn used_bytes(folder: &Path) -> std::io::Result<u64> {
    let mut used = 0;
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.path().extension().is_some_and(|extension| extension == EXTENSION) {
            // One that is gone by now uses nothing.
            used += entry.metadata().map_or(0, |metadata| metadata.len());
        }
    }
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn every_day_and_every_process_has_its_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::open(folder.path(), 1 << 20).unwrap();
        log.append(day("2026-11-23"), b"1\n").unwrap();
        log.append(day("2026-11-23"), b"2\n").unwrap();
        log.append(day("2026-11-24"), b"3\n").unwrap();
        let mut other = Log::open(folder.path(), 1 << 20).unwrap();
        other.append(day("2026-11-24"), b"4\n").unwrap();
        let expected = ["impressions-2026-11-23-0001.jsonl", "impressions-2026-11-24-0001.jsonl", "impressions-2026-11-24-0002.jsonl"];
        assert_eq!(names(folder.path()), expected);
        assert_eq!(std::fs::read(folder.path().join(expected[0])).unwrap(), b"1\n2\n");
    }

    #[test]
    fn a_full_folder_refuses_until_files_are_moved_away() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::open(folder.path(), 5).unwrap();
        log.append(day("2026-11-23"), b"abc\n").unwrap();
        let full = log.append(day("2026-11-23"), b"d\n").unwrap_err();
        assert!(matches!(full, AppendError::Full { used_bytes: 4, limit_bytes: 5 }), "{full}");
        std::fs::remove_file(folder.path().join("impressions-2026-11-23-0001.jsonl")).unwrap();
        log.append(day("2026-11-24"), b"d\n").unwrap();
        assert_eq!(names(folder.path()), ["impressions-2026-11-24-0001.jsonl"]);
    }
}
