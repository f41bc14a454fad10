//! One process at a time commits to a lake on local disk or collects from it: nobody names a file that is just being removed.
//!
//! Who publishes a number is not decided here but by creating its manifest, which holds on every store.

use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::lake::{Lake, LakeError};

const LOCK_FILE: &str = ".lock";
/// How often and after which pauses a lock is asked for: together ten minutes, longer than removing a large lake's garbage takes.
const TRIES: u32 = 60_000;
const PAUSE: Duration = Duration::from_millis(10);

/// A held lock. The system lets go of it when the process dies, however it dies.
#[derive(Debug)]
pub(crate) struct Held {
    _file: Option<File>,
}

impl Lake {
    /// Waits until no other process commits or collects.
    pub(crate) async fn lock(&self) -> Result<Held, LakeError> {
        let path = self.root().join(LOCK_FILE);
        let waited = tokio::task::spawn_blocking(move || wait_for(&path)).await;
        waited.unwrap_or_else(|stopped| Err(lock_error(self.root(), Error::other(stopped))))
    }
}

fn wait_for(path: &Path) -> Result<Held, LakeError> {
    let failed = |source| lock_error(path, source);
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Held { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            // Some network disks have no locks; the manifest's number still has one winner.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => return Ok(Held { _file: None }),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    Err(failed(Error::new(ErrorKind::WouldBlock, "another process has held it for ten minutes; end it if it hangs")))
}

fn lock_error(path: &Path, source: Error) -> LakeError {
    LakeError::Lock { path: PathBuf::from(path), source }
}
