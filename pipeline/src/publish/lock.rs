//! One writer at a time: a file that the system locks for whoever has it open, so that it can neither be stolen nor left behind.
//!
//! It saves the work of a run that could not be published; what keeps snapshots whole is the commit. The file is never removed:
//! a lock on a file that has gone is held by nobody else's measure.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Name of the file in the folder that it is about.
const FILE: &str = ".lock";
/// No holder says more of itself, bytes.
const WORDS_MAX: u64 = 1024;

/// Held until dropped, or until the process ends, however it ends.
#[derive(Debug)]
pub struct WriterLock {
    file: File,
}

/// Why a folder may not be written to now.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process is at work.
    #[error("`{}` is being written to by {holder}; wait until that ends, or stop it", folder.display())]
    Held {
        /// The folder.
        folder: PathBuf,
        /// What the holder says of itself.
        holder: String,
    },
    /// The file can't be opened, locked or written.
    #[error("failed to lock `{}`; it must be a file that this user may write, on a file system that has locks", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl WriterLock {
    /// Takes the lock of `folder`, which is created where it is missing. `holder` says who, what and since when, for people.
    ///
    /// # Errors
    /// At once when another process holds it.
    pub fn take(folder: &Path, holder: &str) -> Result<Self, LockError> {
        let path = folder.join(FILE);
        let failed = |source| LockError::File { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { folder: folder.to_owned(), holder: words(&file) }),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // What a process that was killed said of itself is still there.
        file.set_len(0).and_then(|()| writeln!(file, "{holder}")).map_err(failed)?;
        Ok(Self { file })
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Words are for people alone: where they stay, the lock is free all the same.
        let _ = self.file.set_len(0);
    }
}

/// What the holder wrote; it may be about to write it.
fn words(file: &File) -> String {
    let mut words = String::new();
    let read = file.take(WORDS_MAX).read_to_string(&mut words);
    if read.is_err() || words.trim().is_empty() { "another process".to_owned() } else { words.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_says_so_until_it_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let lake = folder.path().join("new/lake");
        let held = WriterLock::take(&lake, "process 1 on here").unwrap();
        let refused = WriterLock::take(&lake, "process 2 on here").expect_err("it is held");
        assert!(matches!(&refused, LockError::Held { holder, .. } if holder == "process 1 on here"), "{refused}");
        drop(held);
        WriterLock::take(&lake, "process 2").unwrap();
        assert_eq!(std::fs::read_to_string(lake.join(FILE)).unwrap(), "", "whoever has let go is not named");
    }

    #[test]
    fn words_that_a_crash_left_hold_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "process 4711 on a machine that is long gone, since the beginning\n").unwrap();
        let _held = WriterLock::take(folder.path(), "me").unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join(FILE)).unwrap(), "me\n");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(FILE)).unwrap();
        let refused = WriterLock::take(folder.path(), "me").expect_err("a folder is no file");
        assert!(matches!(refused, LockError::File { .. }) && refused.to_string().contains(".lock"), "{refused}");
    }
}
