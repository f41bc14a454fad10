//! Whether the log is what was written: each entry whole and bound to the one before, and none gone that a manifest names.

use std::collections::HashSet;

use serde::Serialize;
use serde::de::IgnoredAny;

use super::entry::AuditEntry;
use super::log::{AuditError, AuditLog, left_behind, lines};
use crate::manifest::{Manifest, hex_sha256};

/// What was found in the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Entries that follow each other from the first on.
    pub entries: u64,
    /// Hash of the last of them; none in an empty log.
    pub head: Option<String>,
    /// Lines that a crash has left, from 1: they were never acknowledged, and the entry behind them says what they were.
    pub torn: Vec<u64>,
    /// Whether the log ends with a part of a line, which the next entry will speak of.
    pub is_tail_torn: bool,
    /// Snapshots of which, in a log that is sound otherwise, no entry says that they were published: the process was killed just then, or the log's end was cut off.
    pub untold: Vec<u64>,
    /// The first thing that can't be trusted; none where all is sound.
    pub broken: Option<Broken>,
}

/// Where the log can't be trusted from, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Number of the entry that should be there.
    pub entry: u64,
    /// Its line, from 1; none where it is gone.
    pub line: Option<u64>,
    /// What is wrong with it.
    pub why: String,
}

impl AuditLog {
    /// Checks the chain, and that it holds every entry that one of `manifests` names.
    pub fn verify(&self, manifests: &[Manifest]) -> Result<Verdict, AuditError> {
        let bytes = self.bytes()?;
        let mut verdict = Verdict::default();
        let entries = chain(&bytes, &mut verdict);
        verdict.broken = verdict.broken.or_else(|| gone(&entries, manifests));
        if verdict.broken.is_some() {
            return Ok(verdict);
        }
        let told: HashSet<u64> = entries.iter().filter_map(|entry| entry.act.after).collect();
        let recorded = manifests.iter().filter(|manifest| manifest.audit.is_some()).map(|manifest| manifest.number);
        verdict.untold = recorded.filter(|number| !told.contains(number)).collect();
        Ok(verdict)
    }
}

/// The entries up to the first that can't be trusted.
pub(super) fn chain(bytes: &[u8], verdict: &mut Verdict) -> Vec<AuditEntry> {
    let mut entries: Vec<AuditEntry> = Vec::new();
    // What follows the last entry: its place, and its line.
    let (mut rest, mut rest_line, mut end) = (0, 1, 0);
    for (text, line) in lines(bytes).zip(1..) {
        let start = end;
        end += text.len();
        let read = match AuditEntry::from_line(text) {
            Ok(entry) => bound(entries.last(), entry, left_behind(&bytes[rest..start])),
            // A part of a line is no JSON: what is, was whole once.
            Err(_) if serde_json::from_slice::<IgnoredAny>(text).is_err() => continue,
            Err(why) => Err(why),
        };
        match read {
            Ok(entry) => {
                verdict.torn.extend((rest < start).then_some(rest_line));
                entries.push(entry);
                (rest, rest_line) = (end, line + 1);
            }
            Err(why) => {
                verdict.broken = Some(Broken { entry: entries.len() as u64 + 1, line: Some(line), why });
                break;
            }
        }
    }
    let is_cut = left_behind(&bytes[rest..]).is_some() && verdict.broken.is_none();
    verdict.is_tail_torn = is_cut && !bytes.ends_with(b"\n");
    if is_cut && !verdict.is_tail_torn {
        let why = "it is not an entry: it was changed after it was written".to_owned();
        verdict.broken = Some(Broken { entry: entries.len() as u64 + 1, line: Some(rest_line), why });
    }
    (verdict.entries, verdict.head) = (entries.len() as u64, entries.last().map(|entry| entry.hash.clone()));
    entries
}

/// The entries, if there is nothing else, and each follows on the one before.
pub(crate) fn entries_if_whole(bytes: &[u8]) -> Option<Vec<AuditEntry>> {
    let mut verdict = Verdict::default();
    let entries = chain(bytes, &mut verdict);
    let is_whole =
        verdict.broken.is_none() && verdict.torn.is_empty() && !verdict.is_tail_torn && bytes.last().is_none_or(|last| *last == b'\n');
    is_whole.then_some(entries)
}

/// `entry`, if it is the one after `last`, with `left` between them.
fn bound(last: Option<&AuditEntry>, entry: AuditEntry, left: Option<&[u8]>) -> Result<AuditEntry, String> {
    let (number, hash) = last.map_or((0, ""), |last| (last.number, last.hash.as_str()));
    match () {
        () if entry.torn != left.map(hex_sha256) => {
            Err("it does not know what is written before it: something was changed, added or removed there".to_owned())
        }
        () if entry.number != number + 1 => Err(format!("it is entry {}, so entries were removed, added or moved", entry.number)),
        () if entry.previous != hash => Err("it was written after another entry than the one before it".to_owned()),
        () => Ok(entry),
    }
}

/// The first manifest whose entry is not there.
fn gone(entries: &[AuditEntry], manifests: &[Manifest]) -> Option<Broken> {
    let hashes: HashSet<&str> = entries.iter().map(|entry| entry.hash.as_str()).collect();
    let named = manifests.iter().filter_map(|manifest| Some((manifest.number, manifest.audit.as_deref()?)));
    let (number, _) = named.filter(|(_, hash)| !hashes.contains(hash)).min()?;
    let why = format!("snapshot {number} was published after an entry that is gone: the end of the log was cut off");
    Some(Broken { entry: entries.len() as u64 + 1, line: None, why })
}
