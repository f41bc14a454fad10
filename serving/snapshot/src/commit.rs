//! The one moment at which a snapshot becomes visible: creating the next manifest, if nobody else has.
//!
//! ```text
//! seal every file ─▶ lock ─▶ all there? ─▶ number = highest + 1 ─▶ sync folders ─▶ create if absent ─▶ sync ─▶ committed
//!                                                                                 │ any error
//!                                                                                 └▶ read back: our run id? committed : conflict or the error
//! ```
//! In a lake with a home, files are sealed in the copy and put into the home before all this, which happens there.

use std::collections::BTreeSet;

use futures::{StreamExt, TryStreamExt};
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};

use crate::audit::AuditError;
use crate::lake::{Lake, LakeError, Truth, manifest_path, store_error};
use crate::manifest::{Manifest, ManifestError, lake_path};

/// Files looked for at the same time: a store far away answers many as fast as one.
const LOOKS_AT_ONCE: usize = 64;

/// Why a snapshot was not committed. The lake serves what it served before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// Another run published first.
    #[error("snapshot {number} was published by run `{winner}`; run again on top of it")]
    Conflict {
        /// The number both wanted.
        number: u64,
        /// The run that has it.
        winner: String,
    },
    /// The draft names a parent that is not the latest any more.
    #[error("another run published meanwhile: this one started from {}, and the latest is {}{}; run again", named(*stated), named(*latest), by(winner))]
    Parent {
        /// The draft's parent.
        stated: Option<u64>,
        /// The lake's latest.
        latest: Option<u64>,
        /// The run that published the latest; empty where there is none.
        winner: String,
    },
    /// A file was removed before the manifest that needs it was written.
    #[error("`{path}` is gone: it was collected or removed while it was needed; run again, and with `--full` if that says the same")]
    Gone {
        /// Place in the lake.
        path: String,
    },
    /// A file is not what was sealed.
    #[error("`{path}` has changed since it was written; check the disk, and run again")]
    Changed {
        /// Place in the lake.
        path: String,
    },
    /// A snapshot to go back to that collections need not keep any more.
    #[error("snapshot {number} is being collected; go back less far")]
    LetGo {
        /// The snapshot.
        number: u64,
    },
    /// The store failed while the manifest was created, and could not be asked what came of it.
    #[error("it is not known whether snapshot {number} was published; see whether `hachi snapshots` lists it, and run again")]
    Unknown {
        /// Its number.
        number: u64,
        /// What the store said.
        #[source]
        source: LakeError,
    },
    /// The draft can't be a manifest, or the lake holds one from a newer program.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// What was done before can't be told.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The lake could not be read or written.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

impl CommitError {
    /// Whether the snapshot may have been committed all the same, so that its files must stay.
    pub fn may_be_committed(&self) -> bool {
        match self {
            Self::Unknown { .. } => true,
            // A folder failed while the manifest was put or synced; a home has `Unknown` for that.
            Self::Lake(error) => !matches!(error, LakeError::Lock { .. } | LakeError::Home { .. }),
            _ => false,
        }
    }
}

fn named(number: Option<u64>) -> String {
    number.map_or_else(|| "an empty lake".to_owned(), |number| format!("snapshot {number}"))
}

fn by(winner: &str) -> String {
    if winner.is_empty() { String::new() } else { format!(" by run `{winner}`") }
}

impl Lake {
    /// Publishes a draft: assigns its number and hashes, and returns the manifest as committed.
    ///
    /// The draft's `parent` must be the latest: none only where nothing was published before. Every file must have been sealed.
    /// Of several writers racing for a number exactly one succeeds. With a home, the files are put there first.
    pub async fn commit(&self, draft: Manifest) -> Result<Manifest, CommitError> {
        if self.home().is_some() {
            // Before gigabytes are put that nobody will name; and a collection relies on it.
            let (parent, _) = self.successor(&draft).await?;
            self.upload(&draft, parent.as_ref()).await?;
        }
        let _held = self.lock().await?;
        self.look_for_files(&draft).await?;
        let (parent, number) = self.successor(&draft).await?;
        let known: BTreeSet<&str> = parent.iter().flat_map(Manifest::files).map(|file| file.path.as_str()).collect();
        self.sync_names(draft.files().filter(|file| !known.contains(file.path.as_str()))).await?;
        let keeps_from = self.keeps_from(&draft, parent.as_ref(), number)?;
        let audit = self.audit().head()?;
        self.create(Manifest { number, parent: draft.parent, audit, keeps_from, ..draft }).await
    }

    /// The latest snapshot, if `draft` was built on it, and the number after it.
    pub(crate) async fn successor(&self, draft: &Manifest) -> Result<(Option<Manifest>, u64), CommitError> {
        let latest = self.latest().await?;
        // A newer program's snapshot must not be hidden by an older program's.
        if let Some(newer) = latest.skipped.iter().find(|skipped| matches!(skipped.reason, ManifestError::NewerFormat { .. })) {
            return Err(newer.reason.clone().into());
        }
        let parent = latest.manifest.as_ref().map(|manifest| manifest.number);
        if draft.parent != parent {
            let winner = latest.manifest.map(|manifest| manifest.run_id).unwrap_or_default();
            return Err(CommitError::Parent { stated: draft.parent, latest: parent, winner });
        }
        // A torn manifest keeps its number for ever.
        let number = latest.skipped.first().map_or(parent, |skipped| Some(skipped.number)).unwrap_or(0) + 1;
        Ok((latest.manifest, number))
    }

    /// What `draft` lets go, as snapshot `number`: never less than its parent, nor itself. A folder's lock needs no such promise.
    pub(crate) fn keeps_from(&self, draft: &Manifest, parent: Option<&Manifest>, number: u64) -> Result<Option<u64>, CommitError> {
        if self.home().is_none() {
            return Ok(None);
        }
        let kept = parent.and_then(|parent| parent.keeps_from).unwrap_or(0);
        match draft.rolled_back_to {
            Some(number) if number < kept => Err(CommitError::LetGo { number }),
            _ => Ok(Some(draft.keeps_from.unwrap_or(0).max(kept).min(number))),
        }
    }

    /// Whether all files of `draft` are still there.
    pub(crate) async fn look_for_files(&self, draft: &Manifest) -> Result<(), CommitError> {
        let paths: Vec<String> = draft.files().map(|file| file.path.clone()).collect();
        let looked = paths.into_iter().map(|path| look_for(self.truth(), path));
        futures::stream::iter(looked).buffer_unordered(LOOKS_AT_ONCE).try_collect().await
    }

    pub(crate) async fn create(&self, numbered: Manifest) -> Result<Manifest, CommitError> {
        let (manifest, json) = numbered.sealed()?;
        let path = manifest_path(manifest.number);
        let Some(home) = self.home() else { return self.create_in_folder(manifest, json).await };
        let unknown = |source| CommitError::Unknown { number: manifest.number, source };
        let found = home.create(&path, json.clone()).await.map_err(unknown)?;
        if found != json {
            let winner = Manifest::from_json(&found).map_or_else(|_| "of another program".to_owned(), |found| found.run_id);
            return Err(CommitError::Conflict { number: manifest.number, winner });
        }
        self.not_too_late(&manifest).await?;
        Ok(manifest)
    }

    async fn create_in_folder(&self, manifest: Manifest, json: Vec<u8>) -> Result<Manifest, CommitError> {
        let path = manifest_path(manifest.number);
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        if let Err(error) = self.store().put_opts(&path, PutPayload::from(json), options).await {
            self.read_back(&manifest, error).await?;
        }
        self.sync(&path).await?;
        Ok(manifest)
    }

    /// A put that failed may have succeeded: what was written decides.
    async fn read_back(&self, ours: &Manifest, error: object_store::Error) -> Result<(), CommitError> {
        match self.manifest(ours.number).await {
            Ok(found) if found.run_id == ours.run_id => Ok(()),
            Ok(found) => Err(CommitError::Conflict { number: ours.number, winner: found.run_id }),
            Err(_) => Err(store_error(manifest_path(ours.number).as_ref(), error).into()),
        }
    }

    /// Takes back a number that was free again, because the snapshot that had it was collected while this writer slept.
    async fn not_too_late(&self, ours: &Manifest) -> Result<(), CommitError> {
        // Where it can't be asked, the snapshot is there, and the next one asks.
        let Ok(Some(latest)) = self.latest().await.map(|latest| latest.manifest) else { return Ok(()) };
        if latest.keeps_from.unwrap_or(0) <= ours.number {
            return Ok(());
        }
        self.remove(manifest_path(ours.number)).await?;
        Err(CommitError::Parent { stated: ours.parent, latest: Some(latest.number), winner: latest.run_id })
    }
}

async fn look_for(truth: Truth, path: String) -> Result<(), CommitError> {
    match truth.store.head(&lake_path(&path)?).await {
        Ok(_) => Ok(()),
        Err(object_store::Error::NotFound { .. }) => Err(CommitError::Gone { path }),
        Err(source) => Err(truth.failed(&path, source).into()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn lake() -> (tempfile::TempDir, Lake) {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::local(folder.path()).unwrap();
        (folder, lake)
    }

    fn draft(run_id: &str) -> Manifest {
        Manifest::draft(run_id, DateTime::UNIX_EPOCH, "test")
    }

    fn after(parent: u64, run_id: &str) -> Manifest {
        Manifest { parent: Some(parent), ..draft(run_id) }
    }

    fn tear(folder: &tempfile::TempDir, number: u64, bytes: &str) {
        std::fs::write(folder.path().join(manifest_path(number).as_ref()), bytes).unwrap();
    }

    #[tokio::test]
    async fn numbers_follow_each_other() {
        let (_folder, lake) = lake();
        let first = lake.commit(draft("a")).await.unwrap();
        let second = lake.commit(after(1, "b")).await.unwrap();
        assert_eq!((first.number, first.parent), (1, None));
        assert_eq!((second.number, second.parent), (2, Some(1)));
        assert_eq!(lake.latest().await.unwrap().manifest, Some(second));
        assert_eq!(lake.numbers().await.unwrap(), [1, 2]);
    }

    /// Of 32 who want the same number, in each of 100 rounds.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_concurrent_publishers_exactly_one_wins_and_the_others_know_who() {
        let (folder, lake) = lake();
        for number in 1..=100 {
            let tries = (0..32).map(|at| {
                let lake = Lake::local(folder.path()).unwrap();
                tokio::spawn(async move { lake.create(Manifest { number, ..draft(&format!("run-{number}-{at}")) }).await })
            });
            let outcomes = futures::future::join_all(tries).await.into_iter().map(Result::unwrap);
            let (won, lost): (Vec<_>, Vec<_>) = outcomes.partition(Result::is_ok);
            let [Ok(won)] = won.as_slice() else { panic!("{} winners of {number}", won.len()) };
            assert_eq!(lake.manifest(number).await.unwrap(), *won);
            let is_told =
                |lost: &Result<Manifest, CommitError>| matches!(lost, Err(CommitError::Conflict { winner, .. }) if *winner == won.run_id);
            assert!(lost.len() == 31 && lost.iter().all(is_told), "round {number}: {lost:?}");
        }
        assert_eq!(lake.numbers().await.unwrap(), (1..=100).collect::<Vec<_>>());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_whole_commits_on_one_parent_exactly_one_wins() {
        let (folder, lake) = lake();
        for parent in 0..10 {
            let stated = (parent > 0).then_some(parent);
            let tries = (0..8).map(|at| {
                let lake = Lake::local(folder.path()).unwrap();
                tokio::spawn(async move { lake.commit(Manifest { parent: stated, ..draft(&format!("run-{at}")) }).await })
            });
            let outcomes = futures::future::join_all(tries).await;
            assert_eq!(outcomes.iter().filter(|outcome| outcome.as_ref().unwrap().is_ok()).count(), 1);
            assert_eq!(lake.latest().await.unwrap().manifest.map(|latest| latest.number), Some(parent + 1));
        }
    }

    #[tokio::test]
    async fn a_put_that_succeeded_after_all_is_a_success() {
        let (_folder, lake) = lake();
        let mine = Manifest { number: 1, ..draft("mine") };
        lake.create(mine.clone()).await.unwrap();
        lake.create(mine).await.unwrap();
        let other = lake.create(Manifest { number: 1, ..draft("other") }).await;
        assert!(matches!(other, Err(CommitError::Conflict { number: 1, winner }) if winner == "mine"));
    }

    #[tokio::test]
    async fn a_torn_manifest_is_stepped_over_and_never_overwritten() {
        let (folder, lake) = lake();
        let first = lake.commit(draft("a")).await.unwrap();
        tear(&folder, 2, "{\"format_version\": \"1.");
        let latest = lake.latest().await.unwrap();
        assert_eq!(latest.manifest, Some(first));
        assert_eq!(latest.skipped.len(), 1);
        let third = lake.commit(after(1, "c")).await.unwrap();
        assert_eq!((third.number, third.parent), (3, Some(1)));
    }

    #[tokio::test]
    async fn a_copy_under_another_number_is_stepped_over() {
        let (folder, lake) = lake();
        lake.commit(draft("a")).await.unwrap();
        let json = std::fs::read_to_string(folder.path().join(manifest_path(1).as_ref())).unwrap();
        tear(&folder, 5, &json);
        let skipped = lake.latest().await.unwrap().skipped;
        assert_eq!(skipped[0].reason, ManifestError::Number { stated: 1, file: 5 });
    }

    #[tokio::test]
    async fn an_older_program_does_not_publish_over_a_newer_one() {
        let (folder, lake) = lake();
        lake.commit(draft("a")).await.unwrap();
        tear(&folder, 2, "{\"format_version\": \"2.0\"}");
        let refused = lake.commit(after(1, "b")).await;
        assert!(matches!(refused, Err(CommitError::Manifest(ManifestError::NewerFormat { .. }))));
    }

    #[tokio::test]
    async fn a_stale_parent_is_refused() {
        let (_folder, lake) = lake();
        lake.commit(draft("a")).await.unwrap();
        lake.commit(after(1, "b")).await.unwrap();
        let stale = lake.commit(after(1, "c")).await;
        let told = stale.unwrap_err().to_string();
        assert_eq!(
            told,
            "another run published meanwhile: this one started from snapshot 1, and the latest is snapshot 2 by run `b`; run again"
        );
        // A run that started from an empty lake is stale too once something is published.
        let first = lake.commit(draft("d")).await;
        assert!(matches!(first, Err(CommitError::Parent { stated: None, latest: Some(2), .. })));
    }
}
