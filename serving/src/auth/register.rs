//! The tokens in force. Their file is read again while serving; one that can't be used changes nothing but what operators are told.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::tokens::{Tokens, TokensError, read};

/// One file of tokens, and what is in force of it.
#[derive(Debug)]
pub(crate) struct Register {
    path: PathBuf,
    tokens: RwLock<Arc<Tokens>>,
    file: Mutex<File>,
}

/// How reading the file goes, for an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Standing {
    /// When the tokens in force were read.
    pub(crate) read_at: DateTime<Utc>,
    /// Why the file as it is now can't be used; none where it is in force.
    pub(crate) failure: Option<String>,
}

/// What another look at the file came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing that was not known.
    Same,
    /// Its tokens are in force now: so many of services, and so many keys of members' tokens.
    Taken(usize, usize),
    /// It can't be used, and this is new.
    Failed(String),
}

/// What is known of the file.
#[derive(Debug)]
struct File {
    /// Of what is in force; none while the file can't be used, so that whatever comes then is taken.
    hash: Option<[u8; 32]>,
    standing: Standing,
}

impl Register {
    /// Reads the file for the first time, when it must be good.
    pub(crate) fn open(path: &Path, now: DateTime<Utc>) -> Result<Self, TokensError> {
        let text = read(path)?;
        let tokens = Tokens::parse(&text, path)?;
        let file = File { hash: Some(hash(&text)), standing: Standing { read_at: now, failure: None } };
        Ok(Self { path: path.to_owned(), tokens: RwLock::new(Arc::new(tokens)), file: Mutex::new(file) })
    }

    /// The tokens for one request.
    pub(super) fn tokens(&self) -> Arc<Tokens> {
        // Nothing can panic while these locks are held, so a poisoned one holds a whole value.
        Arc::clone(&self.tokens.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How reading the file goes.
    pub(crate) fn standing(&self) -> Standing {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).standing.clone()
    }

    /// Reads the file again, and puts it in force if it is another and can be used.
    pub(crate) fn look(&self, now: DateTime<Utc>) -> Look {
        let read = read(&self.path);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = read.as_ref().ok().map(|text| hash(text));
        if hash.is_some() && hash == file.hash {
            return Look::Same;
        }
        match read.and_then(|text| Tokens::parse(&text, &self.path)) {
            Ok(tokens) => {
                let counts = tokens.counts();
                let tokens = Arc::new(tokens.resumed(&self.tokens()));
                *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = tokens;
                *file = File { hash, standing: Standing { read_at: now, failure: None } };
                Look::Taken(counts.0, counts.1)
            }
            Err(error) => file.fail(with_cause(&error)),
        }
    }
}

impl File {
    fn fail(&mut self, reason: String) -> Look {
        self.hash = None;
        let before = self.standing.failure.replace(reason.clone());
        if before.as_ref() == Some(&reason) { Look::Same } else { Look::Failed(reason) }
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn with_cause(error: &TokensError) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;

    fn write(path: &Path, text: &str) {
        let mut file = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn of(tokens: &[&str]) -> String {
        let entry = |token: &&str| format!("[[token]]\nname = '{token}'\nscope = 'site'\nsha256 = '{}'\n", hex::encode(hash(token)));
        tokens.iter().map(entry).collect()
    }

    fn moment(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_file_that_can_not_be_used_changes_nothing_and_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        write(&path, &of(&["old"]));
        let register = Register::open(&path, moment(1)).unwrap();
        let known = |token| register.tokens().service(token).is_some();
        assert_eq!(register.look(moment(2)), Look::Same);
        write(&path, "[[token");
        assert!(matches!(register.look(moment(3)), Look::Failed(_)) && register.look(moment(4)) == Look::Same && known("old"));
        std::fs::remove_file(&path).unwrap();
        let Look::Failed(reason) = register.look(moment(5)) else { panic!("another failure is news") };
        assert!(reason.contains("tokens.toml") && reason.contains("No such file"), "{reason}");
        assert_eq!(register.standing(), Standing { read_at: moment(1), failure: Some(reason) });
        write(&path, &of(&["new", "other"]));
        assert_eq!(register.look(moment(6)), Look::Taken(2, 0));
        assert_eq!(register.standing(), Standing { read_at: moment(6), failure: None });
        assert!(known("new") && !known("old"));
    }

    #[test]
    fn the_same_file_after_a_failure_is_good_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        write(&path, &of(&["a"]));
        let register = Register::open(&path, moment(1)).unwrap();
        write(&path, "");
        assert!(matches!(register.look(moment(2)), Look::Failed(_)));
        write(&path, &of(&["a"]));
        assert_eq!((register.look(moment(3)), register.standing().failure), (Look::Taken(1, 0), None));
    }

    #[test]
    fn who_asked_too_often_still_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.toml");
        let slow = of(&["slow"]) + "requests_per_second = 1\n";
        write(&path, &slow);
        let register = Register::open(&path, moment(1)).unwrap();
        let ask = || register.tokens().service("slow").unwrap().pace.take(&());
        ask().unwrap();
        write(&path, &(of(&["another"]) + &slow));
        assert_eq!(register.look(moment(2)), Look::Taken(2, 0));
        assert!(ask().is_err());
    }
}
