//! What the copy lets go: snapshots that its home has not any more, and the files that nobody names then.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::gc::Sorted;
use crate::lake::{Lake, LakeError};
use crate::lock::Held;

impl Lake {
    /// Removes from the copy what its home has collected. Runs that are under way keep what they write.
    pub(crate) async fn follow(&self, _: &Held) -> Result<(), LakeError> {
        let there = self.numbers().await?;
        self.keep_in_copy(&there, DateTime::<Utc>::MIN_UTC).await
    }

    /// Removes from the copy all snapshots but those of `numbers`, and what nobody has named since `before`. Nothing where there is no
    /// home.
    pub async fn keep_copied(&self, numbers: &[u64], before: DateTime<Utc>) -> Result<(), LakeError> {
        if self.home().is_none() {
            return Ok(());
        }
        let _held = self.lock().await?;
        self.keep_in_copy(numbers, before).await
    }

    /// The same for who holds the lock.
    pub(crate) async fn keep_in_copy(&self, numbers: &[u64], before: DateTime<Utc>) -> Result<(), LakeError> {
        let copy = self.copy();
        let garbage = copy.waste(copy.sorted_by(numbers, before).await?).await?;
        copy.remove_all(&garbage, before).await
    }

    async fn sorted_by(&self, numbers: &[u64], dead_before: DateTime<Utc>) -> Result<Sorted, LakeError> {
        let mut sorted = Sorted { kept: Vec::new(), collected: Vec::new(), freed: HashSet::new(), dead_before };
        for number in self.numbers().await? {
            match self.manifest(number).await {
                Ok(manifest) if numbers.contains(&number) => sorted.kept.insert(0, manifest),
                Ok(manifest) => {
                    sorted.freed.extend(manifest.files().map(|file| file.path.clone()));
                    sorted.collected.push(number);
                }
                // One that is torn here comes again from the home.
                Err(LakeError::Manifest(_)) => sorted.collected.push(number),
                Err(error) => return Err(error),
            }
        }
        Ok(sorted)
    }
}
