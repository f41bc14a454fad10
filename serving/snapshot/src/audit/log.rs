//! The log's file: entries are appended whole, one writer at a time, and nothing that is in it is ever written again.
//!
//! A crash may leave a part of a line at the end. Nobody was told that it was written, so it counts for nothing; but it stays where it
//! is, and the next entry holds its hash, so that the chain goes on over it and nothing can be hidden there later.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::entry::{Act, AuditEntry};
use crate::home::Home;
use crate::lake::{Lake, LakeError};
use crate::manifest::hex_sha256;
use crate::seal::sync_up_to;

/// The log's place in the lake.
const LOG: &str = "audit/log.jsonl";

/// The audit log of a lake.
#[derive(Debug, Clone)]
pub struct AuditLog {
    root: PathBuf,
    home: Option<Home>,
}

/// Why the log could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The system failed.
    #[error("could not read or write the audit log `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others record at the same time.
    #[error("other machines were faster with an entry of the audit log {tries} times; run again")]
    Contended {
        /// How often it was tried.
        tries: usize,
    },
    /// An entry that has no JSON.
    #[error("an entry of the audit log has no JSON form")]
    Entry(#[from] serde_json::Error),
    /// It was written and may be lost.
    #[error(transparent)]
    Sync(#[from] LakeError),
}

impl Lake {
    /// The log of who did what to this lake.
    pub fn audit(&self) -> AuditLog {
        AuditLog { root: self.root().to_owned(), home: self.home().cloned() }
    }
}

impl AuditLog {
    /// Where it is, whether or not anything was recorded yet.
    pub fn path(&self) -> PathBuf {
        self.root.join(LOG)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    /// Records `act` durably, after whoever else is writing: once this returns, neither a crash nor another writer can take it away.
    pub async fn append(&self, act: Act) -> Result<AuditEntry, AuditError> {
        if let Some(home) = &self.home {
            return self.append_to(home, act).await;
        }
        let log = self.clone();
        tokio::task::spawn_blocking(move || log.append_here(act)).await.unwrap_or_else(|stopped| Err(self.stopped(stopped)))
    }

    /// Does `work` where it may wait for the disk.
    pub(crate) async fn on_disk<T: Send + 'static>(&self, work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, AuditError> {
        let done = tokio::task::spawn_blocking(work).await.map_err(|stopped| self.stopped(stopped))?;
        done.map_err(|source| AuditError::Io { path: self.path(), source })
    }

    fn stopped(&self, stopped: tokio::task::JoinError) -> AuditError {
        AuditError::Io { path: self.path(), source: io::Error::other(stopped) }
    }

    fn append_here(&self, act: Act) -> Result<AuditEntry, AuditError> {
        let path = self.path();
        let failed = |source| AuditError::Io { path: path.clone(), source };
        std::fs::create_dir_all(path.parent().unwrap_or(&self.root)).map_err(failed)?;
        let mut file = File::options().read(true).append(true).create(true).open(&path).map_err(failed)?;
        // Let go when the file is closed, also by a crash.
        file.lock().map_err(failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let (last, torn) = tail(&bytes);
        let (entry, line) = AuditEntry::after(last.as_ref(), act, torn.map(hex_sha256))?;
        let begin = if bytes.last().is_none_or(|byte| *byte == b'\n') { "" } else { "\n" };
        // One write, so that what others read is whole lines and at most one part of a line.
        file.write_all(format!("{begin}{line}\n").as_bytes()).map_err(failed)?;
        sync_up_to(&self.root, &path)?;
        Ok(entry)
    }

    /// All entries that can be read, oldest first; which are to be trusted, `verify` tells.
    pub fn entries(&self) -> Result<Vec<AuditEntry>, AuditError> {
        Ok(lines(&self.bytes()?).filter_map(|line| AuditEntry::from_line(line).ok()).collect())
    }

    /// Hash of the last entry; none where nothing was recorded yet.
    pub(crate) fn head(&self) -> Result<Option<String>, AuditError> {
        Ok(tail(&self.bytes()?).0.map(|entry| entry.hash))
    }

    /// What is in the file; nothing where there is none.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, AuditError> {
        match std::fs::read(self.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(|source| AuditError::Io { path: self.path(), source }),
        }
    }
}

/// The last entry, and what a crash left behind it.
fn tail(bytes: &[u8]) -> (Option<AuditEntry>, Option<&[u8]>) {
    let mut end = bytes.len();
    for line in lines(bytes).rev() {
        if let Ok(entry) = AuditEntry::from_line(line) {
            return (Some(entry), left_behind(&bytes[end..]));
        }
        end -= line.len();
    }
    (None, left_behind(bytes))
}

/// Lines with their line feeds; the last may lack it.
pub(super) fn lines(bytes: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n')
}

/// What is hashed of the bytes between two entries: the line feed before the second is its own.
pub(super) fn left_behind(piece: &[u8]) -> Option<&[u8]> {
    (!piece.is_empty()).then(|| piece.strip_suffix(b"\n").unwrap_or(piece))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::Map;

    use super::super::entry::Actor;
    use super::super::verdict::{Verdict, chain};
    use super::*;
    use crate::manifest::Manifest;

    fn act(action: &str) -> Act {
        let actor = Actor { user: "ana".to_owned(), host: "here".to_owned() };
        let (at, outcome) = (DateTime::UNIX_EPOCH, "done".to_owned());
        Act { at, actor, action: action.to_owned(), details: Map::new(), outcome, before: None, after: None }
    }

    fn log(actions: &[&str]) -> (tempfile::TempDir, AuditLog) {
        let folder = tempfile::tempdir().unwrap();
        let log = Lake::local(folder.path()).unwrap().audit();
        for action in actions {
            log.append_here(act(action)).unwrap();
        }
        (folder, log)
    }

    fn broken(log: &AuditLog) -> Option<u64> {
        log.verify(&[]).unwrap().broken.map(|broken| broken.entry)
    }

    #[test]
    fn entries_follow_each_other() {
        let (_folder, log) = log(&["run", "gc"]);
        let entries = log.entries().unwrap();
        assert_eq!(entries.iter().map(|entry| entry.act.action.as_str()).collect::<Vec<_>>(), ["run", "gc"]);
        assert_eq!((entries[0].previous.as_str(), &entries[1].previous), ("", &entries[0].hash));
        let verdict = log.verify(&[]).unwrap();
        assert_eq!((verdict.entries, verdict.head.as_ref(), verdict.broken), (2, Some(&entries[1].hash), None));
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let (_folder, log) = log(&["run", "gc"]);
        let whole = log.bytes().unwrap();
        for at in 0..whole.len() - 1 {
            for mask in [0x01, 0x80] {
                let mut changed = whole.clone();
                changed[at] ^= mask;
                let mut verdict = Verdict::default();
                chain(&changed, &mut verdict);
                assert!(verdict.broken.is_some(), "byte {at} changed unnoticed by {mask:x}");
            }
        }
    }

    #[test]
    fn removed_moved_and_repeated_entries_are_noticed() {
        let (_folder, log) = log(&["a", "b", "c"]);
        let whole = log.bytes().unwrap();
        let lines: Vec<&[u8]> = lines(&whole).collect();
        for (order, first) in [(&[0, 2][..], 2), (&[1, 2], 1), (&[0, 2, 1], 2), (&[0, 0, 1, 2], 2), (&[0, 1, 2, 1], 4)] {
            std::fs::write(log.path(), order.iter().map(|at| lines[*at]).collect::<Vec<_>>().concat()).unwrap();
            assert_eq!(broken(&log), Some(first), "{order:?}");
        }
    }

    #[test]
    fn a_cut_end_is_noticed_by_the_manifest_that_names_it() {
        let (_folder, log) = log(&["a", "b"]);
        let manifest = Manifest { number: 9, audit: log.head().unwrap(), ..Manifest::draft("r", DateTime::UNIX_EPOCH, "test") };
        let verdict = log.verify(std::slice::from_ref(&manifest)).unwrap();
        assert_eq!((verdict.broken, verdict.untold), (None, vec![9]), "nothing says that it was published");
        let whole = log.bytes().unwrap();
        std::fs::write(log.path(), lines(&whole).next().unwrap()).unwrap();
        assert_eq!(broken(&log), None, "a chain does not know its end");
        let found = log.verify(&[manifest]).unwrap().broken.unwrap();
        assert_eq!((found.entry, found.line), (2, None));
    }

    #[test]
    fn every_torn_end_is_continued() {
        let (_folder, log) = log(&["a", "b"]);
        let whole = log.bytes().unwrap();
        let first = lines(&whole).next().unwrap().len();
        for end in first + 1..whole.len() {
            std::fs::write(log.path(), &whole[..end]).unwrap();
            let cut = log.verify(&[]).unwrap();
            let is_whole = end + 1 == whole.len();
            assert_eq!((cut.broken, cut.is_tail_torn, cut.entries), (None, !is_whole, 1 + u64::from(is_whole)));
            log.append_here(act("c")).unwrap();
            let verdict = log.verify(&[]).unwrap();
            assert_eq!((verdict.broken, verdict.entries), (None, 2 + u64::from(is_whole)), "cut at {end}");
            assert_eq!(verdict.torn, if is_whole { vec![] } else { vec![2] });
        }
    }

    #[test]
    fn what_a_crash_left_can_not_be_changed_later() {
        let (_folder, log) = log(&["a"]);
        let mut bytes = log.bytes().unwrap();
        bytes.extend(b"{\"format");
        std::fs::write(log.path(), &bytes).unwrap();
        log.append_here(act("b")).unwrap();
        let text = String::from_utf8(log.bytes().unwrap()).unwrap();
        for other in ["", "{\"formal\n", "\n"] {
            std::fs::write(log.path(), text.replace("{\"format\n", other)).unwrap();
            assert_eq!(broken(&log), Some(2), "{other:?}");
        }
    }

    #[test]
    fn two_writers_make_one_chain() {
        let (_folder, log) = log(&[]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..8).for_each(|_| drop(log.append_here(act("run")).unwrap())));
            }
        });
        let verdict = log.verify(&[]).unwrap();
        assert_eq!((verdict.entries, verdict.broken), (32, None));
    }
}
