//! One line of the audit log: who did what when, bound to the line before it. Pure: no file is touched here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::manifest::hex_sha256;

/// The version this program writes, `major.minor`: readers tolerate newer minors and refuse newer majors.
pub(crate) const AUDIT_VERSION: &str = "1.0";

const SUPPORTED_MAJOR: &str = "1.";
/// What stands before an entry's own hash; nothing but the end of the line stands behind it.
const HASH_FIELD: &str = "\"hash\":\"";
const LINE_END: &str = "\"}";
const HASH_DIGITS: usize = 64;

/// Who acted, as the machine knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Name of the system's user.
    pub user: String,
    /// Name of the machine.
    pub host: String,
}

/// What is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Actor,
    /// The verb, such as `run`.
    pub action: String,
    /// What it was asked to do, without anything that names a member.
    pub details: Map<String, Value>,
    /// What came of it, such as `started`, `published` or `failed`.
    pub outcome: String,
    /// Number of the latest snapshot before it; none in an empty lake.
    pub before: Option<u64>,
    /// Number of the snapshot that it left as the latest; none where it left what there was.
    pub after: Option<u64>,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Version of this format, `major.minor`.
    pub format_version: String,
    /// Place in the log, from 1.
    pub number: u64,
    /// What was done.
    #[serde(flatten)]
    pub act: Act,
    /// SHA-256 (hex) of what a crash left between the entry before and this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torn: Option<String>,
    /// Hash of the entry before; empty in the first.
    pub previous: String,
    /// SHA-256 (hex) of this line's JSON with this field empty. The last field.
    pub hash: String,
}

impl AuditEntry {
    /// The entry after `last`, with its line.
    pub(crate) fn after(last: Option<&Self>, act: Act, torn: Option<String>) -> Result<(Self, String), serde_json::Error> {
        let (number, previous) = last.map_or((0, String::new()), |last| (last.number, last.hash.clone()));
        let mut entry = Self { format_version: AUDIT_VERSION.to_owned(), number: number + 1, act, torn, previous, hash: String::new() };
        entry.hash = hex_sha256(serde_json::to_string(&entry)?.as_bytes());
        let line = serde_json::to_string(&entry)?;
        Ok((entry, line))
    }

    /// Reads a line, with or without its line feed; why it is not an entry that can be trusted.
    pub(crate) fn from_line(line: &[u8]) -> Result<Self, String> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let entry: Self = serde_json::from_slice(line).map_err(|error| format!("it is not an entry: {error}"))?;
        if !entry.format_version.starts_with(SUPPORTED_MAJOR) {
            return Err(format!(
                "`format_version` is `{}`, but this program reads up to `{AUDIT_VERSION}`; upgrade hachi",
                entry.format_version
            ));
        }
        match computed_hash(line) {
            Some(computed) if computed == entry.hash => Ok(entry),
            _ => Err("its hash is not that of its bytes: it was changed after it was written".to_owned()),
        }
    }
}

/// The hash of the line with its own hash cut out. Working on the bytes keeps fields of newer minors in the hash.
fn computed_hash(line: &[u8]) -> Option<String> {
    let open = std::str::from_utf8(line).ok()?.strip_suffix(LINE_END)?;
    let fields = open.get(..open.len().checked_sub(HASH_DIGITS)?)?;
    fields.ends_with(HASH_FIELD).then(|| hex_sha256([fields, LINE_END].concat().as_bytes()))
}
