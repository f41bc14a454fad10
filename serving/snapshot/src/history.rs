//! Every snapshot that is still there, and how each follows on the one before.

use chrono::{DateTime, Utc};

use crate::lake::{Lake, LakeError};
use crate::manifest::{Manifest, ManifestError};

/// A manifest that is in the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Its number, from its file name.
    pub number: u64,
    /// When its file was written.
    pub at: DateTime<Utc>,
    /// What it says, or why it can't be trusted.
    pub manifest: Result<Manifest, ManifestError>,
}

/// A snapshot that does not follow on the one before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("snapshot {number} names {} as the one before it, but that is snapshot {expected}", named(*.parent))]
pub struct BrokenLink {
    /// Its number.
    pub number: u64,
    /// The one that it names.
    pub parent: Option<u64>,
    /// The one before it in the lake.
    pub expected: u64,
}

fn named(parent: Option<u64>) -> String {
    parent.map_or_else(|| "none".to_owned(), |parent| format!("snapshot {parent}"))
}

impl Lake {
    /// Every manifest in the lake by its number, ascending.
    pub async fn history(&self) -> Result<Vec<Committed>, LakeError> {
        let mut history = Vec::new();
        for (number, at) in self.numbered().await? {
            let manifest = match self.manifest(number).await {
                Ok(manifest) => Ok(manifest),
                Err(LakeError::Manifest(reason)) => Err(reason),
                // Collected since it was listed.
                Err(error) if error.is_missing() => continue,
                Err(error) => return Err(error),
            };
            history.push(Committed { number, at, manifest });
        }
        Ok(history)
    }
}

/// Snapshots of `history` whose parent is not the one before them. What is before the oldest was collected, and what can't be read
/// now may have been readable then.
pub fn broken_links(history: &[Committed]) -> Vec<BrokenLink> {
    let mut broken = Vec::new();
    let mut before: Option<u64> = None;
    let mut unreadable: Vec<u64> = Vec::new();
    for committed in history {
        let Ok(manifest) = &committed.manifest else {
            unreadable.push(committed.number);
            continue;
        };
        if let Some(expected) = before {
            let follows = manifest.parent.is_some_and(|parent| parent == expected || unreadable.contains(&parent));
            if !follows {
                broken.push(BrokenLink { number: committed.number, parent: manifest.parent, expected });
            }
        }
        before = Some(committed.number);
        unreadable.clear();
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn committed(number: u64, parent: Option<u64>) -> Committed {
        let manifest = Manifest { number, parent, ..Manifest::draft("r", DateTime::UNIX_EPOCH, "test") };
        Committed { number, at: DateTime::UNIX_EPOCH, manifest: Ok(manifest) }
    }

    fn torn(number: u64) -> Committed {
        Committed { manifest: Err(ManifestError::Malformed(String::new())), ..committed(number, None) }
    }

    #[test]
    fn each_follows_on_the_one_before() {
        let sound = [committed(3, Some(2)), committed(4, Some(3)), torn(5), committed(6, Some(4)), torn(7), committed(8, Some(7))];
        assert_eq!(broken_links(&sound), []);
        let broken = broken_links(&[committed(3, Some(2)), committed(5, Some(2)), torn(6), committed(7, None)]);
        let said: Vec<_> = broken.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "snapshot 5 names snapshot 2 as the one before it, but that is snapshot 3",
                "snapshot 7 names none as the one before it, but that is snapshot 5"
            ]
        );
    }
}
