//! What a command does to the lake is on record: before it does anything, and what came of it.

use std::os::unix::fs::MetadataExt;

use hachi_snapshot::{Act, Actor, AuditError, AuditLog, Lake, LakeError};
use serde_json::{Map, Value};

use super::{exit, open};

/// Variables that name the user, the first that is there.
const USER: [&str; 2] = ["USER", "LOGNAME"];
const OWN_PROCESS: &str = "/proc/self";
const UNKNOWN: &str = "unknown";

/// An act that has begun.
#[derive(Debug)]
pub struct Record {
    log: AuditLog,
    action: &'static str,
    details: Map<String, Value>,
    before: Option<u64>,
}

impl Record {
    /// Records that `action` begins, with what matters of how it was asked for: no member's id, and no pseudonym. What can't be
    /// recorded is not done.
    pub async fn begin(lake: &Lake, action: &'static str, details: Map<String, Value>) -> anyhow::Result<Self> {
        let record = Self { log: lake.audit(), action, details, before: latest(lake).await? };
        record.write("started", None, None).await?;
        Ok(record)
    }

    /// Records what came of it: `outcome`, and the number of the snapshot that it left, where it was `done`; else that it failed.
    pub async fn end<T>(&self, done: &anyhow::Result<T>, outcome: &str, after: impl Fn(&T) -> Option<u64>) -> Result<(), AuditError> {
        match done {
            Ok(done) => self.write(outcome, after(done), None).await,
            // Its words may repeat what stands in a row.
            Err(error) => self.write("failed", None, Some(exit::code(error))).await,
        }
    }

    /// The same, for what can't be undone any more: what is not recorded is told on stderr.
    pub async fn end_or_warn<T>(&self, done: &anyhow::Result<T>, outcome: &str, after: impl Fn(&T) -> Option<u64>) {
        if let Err(error) = self.end(done, outcome, after).await {
            tracing::warn!("what came of `hachi {}` is not in the audit log: {error}", self.action);
        }
    }

    async fn write(&self, outcome: &str, after: Option<u64>, exit_code: Option<u8>) -> Result<(), AuditError> {
        let mut details = self.details.clone();
        details.extend(exit_code.map(|code| ("exit_code".to_owned(), code.into())));
        let (action, outcome) = (self.action.to_owned(), outcome.to_owned());
        self.log.append(Act { at: open::now(), actor: actor(), action, details, outcome, before: self.before, after }).await.map(drop)
    }
}

async fn latest(lake: &Lake) -> Result<Option<u64>, LakeError> {
    Ok(lake.latest().await?.manifest.map(|manifest| manifest.number))
}

fn actor() -> Actor {
    let user = USER.into_iter().find_map(variable).or_else(user_number);
    Actor { user: user.unwrap_or_else(|| UNKNOWN.to_owned()), host: open::host() }
}

/// A service may have a user without a name.
fn user_number() -> Option<String> {
    std::fs::metadata(OWN_PROCESS).ok().map(|process| format!("uid {}", process.uid()))
}

#[expect(clippy::disallowed_methods, reason = "the environment is read in the doors")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
