//! What is remembered of all jobs, in a file that is whole at any moment: written beside, synced, renamed, its folder synced.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{History, ScheduleError};

/// Folder in the lake, so that whoever schedules for a lake next knows what was done.
const FOLDER: &str = "schedule";
const FILE: &str = "state.json";
/// What a crash left of it is written over.
const BESIDE: &str = "state.json.new";
const FORMAT_VERSION: u32 = 1;

/// What is remembered of all jobs of a lake.
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
    jobs: BTreeMap<String, History>,
}

#[derive(Serialize, Deserialize)]
struct Document<J> {
    format_version: u32,
    jobs: J,
}

#[derive(Deserialize)]
struct Version {
    format_version: u32,
}

impl State {
    /// The folder of a lake that a scheduler alone writes to.
    #[must_use]
    pub fn folder(lake: &Path) -> PathBuf {
        lake.join(FOLDER)
    }

    /// Reads what is remembered in `folder`: nothing where nothing ran yet.
    ///
    /// # Errors
    /// When it can't be read, or is a newer program's.
    pub fn load(folder: &Path) -> Result<Self, ScheduleError> {
        let path = folder.join(FILE);
        let jobs = match fs::read(&path) {
            Ok(json) => parse(&json, &path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(source) => return Err(ScheduleError::File { path, source }),
        };
        Ok(Self { folder: folder.to_owned(), jobs })
    }

    /// What is remembered of `job`.
    #[must_use]
    pub fn history(&self, job: &str) -> History {
        self.jobs.get(job).cloned().unwrap_or_default()
    }

    /// Remembers `history` of `job`, durably.
    ///
    /// # Errors
    /// When it can't be written; the file then holds what it held, or this.
    pub(super) fn remember(&mut self, job: &str, history: History) -> Result<(), ScheduleError> {
        self.jobs.insert(job.to_owned(), history);
        self.write().map_err(|source| ScheduleError::File { path: self.folder.join(FILE), source })
    }

    fn write(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let beside = self.folder.join(BESIDE);
        let mut file = File::create(&beside)?;
        serde_json::to_writer_pretty(&mut file, &Document { format_version: FORMAT_VERSION, jobs: &self.jobs })?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&beside, self.folder.join(FILE))?;
        // The folder too, and where it is: it may be new.
        self.folder.ancestors().take(2).try_for_each(|folder| File::open(folder)?.sync_all())
    }
}

fn parse(json: &[u8], path: &Path) -> Result<BTreeMap<String, History>, ScheduleError> {
    let damaged = |error: serde_json::Error| ScheduleError::Damaged { path: path.to_owned(), reason: error.to_string() };
    let Version { format_version: version } = serde_json::from_slice(json).map_err(damaged)?;
    if version > FORMAT_VERSION {
        return Err(ScheduleError::Newer { path: path.to_owned(), version, own: FORMAT_VERSION });
    }
    Ok(serde_json::from_slice::<Document<_>>(json).map_err(damaged)?.jobs)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn what_is_remembered_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = State::folder(folder.path());
        let mut state = State::load(&folder).unwrap();
        assert_eq!(state.history("nightly"), History::default());
        let mut history = History { skipped: Some(DateTime::UNIX_EPOCH), ..History::default() };
        history.begin(DateTime::UNIX_EPOCH, 3);
        state.remember("nightly", history.clone()).unwrap();
        // What a crash left beside it counts for nothing.
        fs::write(folder.join(BESIDE), "{").unwrap();
        let mut again = State::load(&folder).unwrap();
        assert_eq!(again.history("nightly"), history);
        again.remember("hourly", History::default()).unwrap();
        assert_eq!(State::load(&folder).unwrap().history("nightly"), history);
    }

    #[test]
    fn what_is_damaged_or_newer_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let check = |text: &str, says: &str| {
            fs::write(folder.path().join(FILE), text).unwrap();
            let error = State::load(folder.path()).expect_err("refused").to_string();
            assert!(error.contains(says), "{error}");
        };
        check("", "is damaged");
        check("{\"format_version\": 1, \"jobs\": {\"a\": {\"open\": 1}}}", "remove it");
        check("{\"format_version\": 2, \"jobs\": 7}", "format version 2");
    }
}
