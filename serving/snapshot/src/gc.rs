//! Collecting old snapshots: what goes, and in which order it does.
//!
//! ```text
//! lock ─▶ which manifests are kept ─▶ which files they name ─▶ remove other manifests, oldest first ─▶ sync
//!                                                          ─▶ remove files that nobody names ─▶ sweep ─▶ sync
//! ```
//! Killed anywhere in between, every manifest that is still there names files that are still there, and the next collection ends
//! what this one began. A lake with a home is collected there first, and the copy follows; why that needs no lock, `home` says.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path as StorePath;
use object_store::{Error as StoreError, ObjectMeta, ObjectStore, ObjectStoreExt};

use crate::history::Committed;
use crate::home::PROBES;
use crate::lake::{Lake, LakeError, MANIFESTS, manifest_path};
use crate::manifest::{Manifest, ManifestError, lake_path};

/// The fewest snapshots that a site may keep.
pub const KEEP_SNAPSHOTS_MIN: usize = 5;
/// The fewest hours for which a site may keep a snapshot after another has taken its place.
pub const KEEP_HOURS_MIN: u32 = 24;
/// Folders whose files manifests name.
pub(crate) const FOLDERS: [&str; 2] = ["data", "serve"];
/// What nobody names is left alone for so long: its writer may still be at work.
const ORPHAN_AGE: TimeDelta = TimeDelta::hours(KEEP_HOURS_MIN as i64);

/// Files removed at the same time from a store.
const REMOVED_AT_ONCE: usize = 16;

/// Which snapshots stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The newest so many.
    pub snapshots: usize,
    /// And all that were the latest at some moment within this time: who began to read one then may not be done. Moments are those
    /// at which manifests were written.
    pub age: TimeDelta,
    /// But none with a number below this, whatever its age and however few are left; 0 where there is no such bound. For what must
    /// be forgotten. The latest snapshot stays even then.
    pub from: u64,
}

impl Default for Keep {
    fn default() -> Self {
        Self { snapshots: KEEP_SNAPSHOTS_MIN, age: TimeDelta::hours(KEEP_HOURS_MIN.into()), from: 0 }
    }
}

/// What is collected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Garbage {
    /// Numbers of the snapshots that go, ascending.
    pub snapshots: Vec<u64>,
    /// Numbers of those that stay, ascending.
    pub kept: Vec<u64>,
    /// Files that no snapshot needs any more.
    pub files: Vec<Waste>,
    /// Files of runs that were killed or stalled for a day: no snapshot names them.
    pub orphans: Vec<Waste>,
    /// What else they left on a local disk: halves of manifests, scratch folders.
    pub leftovers: Vec<Waste>,
}

/// A file or a scratch folder that nobody needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waste {
    /// Place in the lake.
    pub path: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl Garbage {
    /// Bytes of all that is collected, but for the manifests themselves.
    pub fn bytes(&self) -> u64 {
        self.files.iter().chain(&self.orphans).chain(&self.leftovers).map(|waste| waste.bytes).sum()
    }

    /// Whether there is nothing to collect.
    pub fn is_empty(&self) -> bool {
        self.snapshots.is_empty() && self.files.is_empty() && self.orphans.is_empty() && self.leftovers.is_empty()
    }
}

/// Why nothing was collected, or not all of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// A manifest that is kept does not say what it needs.
    #[error(
        "nothing is collected, because manifest {number} can't be read, and any file may be its own; it is collected once it is old enough, or move it out of `manifests/`"
    )]
    Unreadable {
        /// Its number.
        number: u64,
        /// Why it can't be trusted.
        #[source]
        reason: ManifestError,
    },
    /// The lake could not be read or changed.
    #[error(transparent)]
    Lake(#[from] LakeError),
}

/// Manifests by what becomes of them.
pub(crate) struct Sorted {
    pub(crate) kept: Vec<Manifest>,
    pub(crate) collected: Vec<u64>,
    /// Files of the collected ones.
    pub(crate) freed: HashSet<String>,
    /// Whoever began to write before this can't commit any more, or is long gone.
    pub(crate) dead_before: DateTime<Utc>,
}

/// The rule of [`Keep`], asked from the newest snapshot to the oldest.
struct Rule {
    keep: Keep,
    /// The latest may be replaced no earlier.
    replaced_at: DateTime<Utc>,
    since: DateTime<Utc>,
    kept: usize,
}

impl Rule {
    fn new(keep: Keep, now: DateTime<Utc>) -> Self {
        Self { keep, replaced_at: now, since: now - keep.age, kept: 0 }
    }

    fn keeps(&mut self, committed: &Committed) -> bool {
        let is_young = self.kept < self.keep.snapshots || self.replaced_at >= self.since;
        let is_kept = self.kept == 0 || (committed.number >= self.keep.from && is_young);
        if committed.manifest.is_ok() {
            self.replaced_at = committed.at;
            self.kept += usize::from(is_kept);
        }
        is_kept
    }
}

impl Lake {
    /// What [`Lake::collect`] would remove now.
    pub async fn garbage(&self, keep: Keep, now: DateTime<Utc>) -> Result<Garbage, CollectError> {
        let mut garbage = self.waste(self.sorted(keep, now).await?).await?;
        if self.home().is_some() {
            garbage.leftovers.extend(self.leftovers(now - ORPHAN_AGE).await?);
        }
        Ok(garbage)
    }

    /// Removes the snapshots that `keep` does not keep, the files that nobody names then, and what runs killed before `now` left.
    ///
    /// A run that is under way is not disturbed: what it reuses is the latest snapshot's, and what it writes is too young. In a home
    /// only such snapshots go as the latest has let go when it was committed.
    pub async fn collect(&self, keep: Keep, now: DateTime<Utc>) -> Result<Garbage, CollectError> {
        let _held = self.lock().await?;
        let garbage = self.garbage(keep, now).await?;
        self.remove_all(&garbage, now - ORPHAN_AGE).await?;
        if self.home().is_some() {
            self.keep_in_copy(&garbage.kept, now - ORPHAN_AGE).await?;
        }
        Ok(garbage)
    }

    /// The draft, saying from which number on `keep` keeps snapshots if it is committed at `now`. A folder needs no such promise.
    pub async fn letting_go(&self, draft: Manifest, keep: Keep, now: DateTime<Utc>) -> Result<Manifest, LakeError> {
        if self.home().is_none() {
            return Ok(draft);
        }
        // The draft itself is one of those that are kept.
        let mut rule = Rule { kept: 1, ..Rule::new(keep, now) };
        let history = self.history().await?;
        let kept = history.iter().rev().filter(|committed| rule.keeps(committed)).map(|committed| committed.number).min();
        Ok(Manifest { keeps_from: Some(kept.unwrap_or(u64::MAX).max(keep.from)), ..draft })
    }

    /// Whether a collection after `latest`, which is the latest, may remove all snapshots before `from`.
    pub fn has_let_go(&self, latest: &Manifest, from: u64) -> bool {
        self.home().is_none() || latest.keeps_from >= Some(from)
    }

    /// What is where the lake's truth is and nobody needs, with the manifests so sorted.
    pub(crate) async fn waste(&self, sorted: Sorted) -> Result<Garbage, LakeError> {
        let named: HashSet<&str> = sorted.kept.iter().flat_map(Manifest::files).map(|file| file.path.as_str()).collect();
        let kept = sorted.kept.iter().rev().map(|manifest| manifest.number).collect();
        let mut garbage = Garbage { snapshots: sorted.collected, kept, ..Garbage::default() };
        for folder in FOLDERS {
            for run in self.runs(folder).await? {
                let is_dead = run.iter().all(|file| file.last_modified < sorted.dead_before);
                for file in run.iter().filter(|file| !named.contains(file.location.as_ref())) {
                    let waste = Waste { path: file.location.to_string(), bytes: file.size };
                    if sorted.freed.contains(&waste.path) {
                        garbage.files.push(waste);
                    } else if is_dead {
                        garbage.orphans.push(waste);
                    }
                }
            }
        }
        garbage.leftovers = match self.home() {
            Some(_) => self.old_probes(sorted.dead_before).await?,
            None => self.leftovers(sorted.dead_before).await?,
        };
        Ok(garbage)
    }

    /// Removes `garbage` from where the lake's truth is; in a folder also what is empty, if nothing has changed there since `before`.
    pub(crate) async fn remove_all(&self, garbage: &Garbage, before: DateTime<Utc>) -> Result<(), LakeError> {
        let is_folder = self.home().is_none();
        for number in &garbage.snapshots {
            self.remove(manifest_path(*number)).await?;
        }
        if is_folder && !garbage.snapshots.is_empty() {
            // A manifest must not come back after a power failure, when its files are gone.
            self.sync(&StorePath::from(MANIFESTS)).await?;
        }
        let unnamed: Vec<Waste> = garbage.files.iter().chain(&garbage.orphans).cloned().collect();
        let probes = garbage.leftovers.iter().filter(|waste| !is_folder && waste.path.starts_with(PROBES));
        let paths = unnamed.iter().chain(probes).map(|waste| lake_path(&waste.path)).collect::<Result<Vec<_>, _>>()?;
        let removed = paths.into_iter().map(|path| self.remove(path)).collect::<Vec<_>>();
        futures::stream::iter(removed).buffer_unordered(if is_folder { 1 } else { REMOVED_AT_ONCE }).try_collect::<()>().await?;
        if !is_folder {
            return Ok(());
        }
        self.unlink_views(&garbage.kept).await?;
        self.sweep(&garbage.leftovers, &unnamed, before).await
    }

    async fn sorted(&self, keep: Keep, now: DateTime<Utc>) -> Result<Sorted, CollectError> {
        let has_home = self.home().is_some();
        // In a home nothing is dead before the latest is known.
        let dead_before = if has_home { DateTime::<Utc>::MIN_UTC } else { now - ORPHAN_AGE };
        let mut sorted = Sorted { kept: Vec::new(), collected: Vec::new(), freed: HashSet::new(), dead_before };
        let mut rule = Rule::new(keep, now);
        // A folder has a lock instead.
        let mut kept_from = u64::MAX;
        for committed in self.history().await?.into_iter().rev() {
            let is_kept = rule.keeps(&committed) || committed.number >= kept_from;
            let Committed { number, at, manifest } = committed;
            match manifest {
                // What it keeps, and why, only a newer program knows.
                Err(reason @ ManifestError::NewerFormat { .. }) => return Err(CollectError::Unreadable { number, reason }),
                Err(reason) if is_kept => return Err(CollectError::Unreadable { number, reason }),
                Ok(manifest) if is_kept => {
                    if sorted.kept.is_empty() {
                        sorted.dead_before = dead_before_latest(at, (keep, now), has_home);
                        kept_from = if has_home { manifest.keeps_from.unwrap_or(0) } else { u64::MAX };
                    }
                    sorted.kept.push(manifest);
                }
                Ok(manifest) => {
                    sorted.freed.extend(manifest.files().map(|file| file.path.clone()));
                    sorted.collected.push(number);
                }
                Err(_) => sorted.collected.push(number),
            }
        }
        sorted.collected.reverse();
        Ok(sorted)
    }

    /// What killed processes have tried in the home.
    async fn old_probes(&self, before: DateTime<Utc>) -> Result<Vec<Waste>, LakeError> {
        let truth = self.truth();
        let listed: Vec<ObjectMeta> =
            truth.store.list(Some(&StorePath::from(PROBES))).try_collect().await.map_err(|source| truth.failed(PROBES, source))?;
        let old = listed.into_iter().filter(|probe| probe.last_modified < before);
        Ok(old.map(|probe| Waste { path: probe.location.to_string(), bytes: probe.size }).collect())
    }

    /// The files of each run in `folder`.
    async fn runs(&self, folder: &str) -> Result<Vec<Vec<ObjectMeta>>, LakeError> {
        let truth = self.truth();
        let mut listed = truth.store.list(Some(&StorePath::from(folder)));
        let mut runs: BTreeMap<String, Vec<ObjectMeta>> = BTreeMap::new();
        while let Some(file) = listed.try_next().await.map_err(|source| truth.failed(folder, source))? {
            let run = file.location.parts().nth(1).map(|run| run.as_ref().to_owned());
            runs.entry(run.unwrap_or_default()).or_default().push(file);
        }
        Ok(runs.into_values().collect())
    }

    /// Removes a file; one that is gone already is no error, because another collection may have ended here.
    pub(crate) async fn remove(&self, path: StorePath) -> Result<(), LakeError> {
        let truth = self.truth();
        match truth.store.delete(&path).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(source) if self.home().is_some() => Err(truth.failed(path.as_ref(), source)),
            Err(source) => Err(LakeError::Remove { path: path.to_string(), source: source.into() }),
        }
    }
}

/// Before which nothing is written any more that may be committed; the latest snapshot is of `latest`.
fn dead_before_latest(latest: DateTime<Utc>, (keep, now): (Keep, DateTime<Utc>), has_home: bool) -> DateTime<Utc> {
    let orphaned = now - ORPHAN_AGE;
    match (has_home, keep.from > 0) {
        // Whoever began before the latest was committed is refused by the commit, so this may go at once.
        (false, true) => orphaned.max(latest),
        (false, false) => orphaned,
        (true, true) => latest,
        // Without a lock that refusal is the only thing that is certain.
        (true, false) => orphaned.min(latest),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::SystemTime;

    use super::*;

    struct Folder {
        folder: tempfile::TempDir,
        lake: Lake,
    }

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let lake = Lake::local(folder.path()).unwrap();
            Self { folder, lake }
        }

        /// Writes a file that was there `hours` before now.
        fn write(&self, path: &str, hours: i64) {
            let path = self.folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "x").unwrap();
            Self::age(&path, hours);
        }

        fn age(path: &std::path::Path, hours: i64) {
            let then: SystemTime = (now() - TimeDelta::hours(hours)).into();
            fs::File::open(path).unwrap().set_modified(then).unwrap();
        }

        fn has(&self, path: &str) -> bool {
            self.folder.path().join(path).exists()
        }

        /// Publishes a snapshot of `files` that was committed `hours` before now, with a new file of its own.
        async fn publish(&self, hours: i64, files: &[&str]) -> Manifest {
            let parent = self.lake.latest().await.unwrap().manifest.map(|latest| latest.number);
            let number = parent.unwrap_or(0) + 1;
            let own = format!("data/run-{number}/t/part-0.parquet");
            self.write(&own, hours);
            let mut draft = Manifest { parent, ..Manifest::draft(format!("run-{number}"), DateTime::UNIX_EPOCH, "test") };
            for path in files.iter().copied().chain([own.as_str()]) {
                draft.serve.push(self.lake.seal(path).await.unwrap());
            }
            let committed = self.lake.commit(draft).await.unwrap();
            Folder::age(&self.folder.path().join(manifest_path(committed.number).as_ref()), hours);
            committed
        }

        async fn collect(&self, keep: Keep) -> Garbage {
            self.lake.collect(keep, now()).await.unwrap()
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    fn own(number: u64) -> String {
        format!("data/run-{number}/t/part-0.parquet")
    }

    fn paths(waste: &[Waste]) -> Vec<&str> {
        waste.iter().map(|waste| waste.path.as_str()).collect()
    }

    #[tokio::test]
    async fn the_newest_stay_and_the_young_and_what_they_name() {
        let lake = Folder::new();
        for (number, hours) in (1..).zip([100, 90, 30, 20, 10, 9, 8, 7, 6]) {
            // 1 is named again by all, 2 by none; 3 was the latest until 20 hours ago.
            let files = if number > 1 { vec![own(1)] } else { Vec::new() };
            lake.publish(hours, &files.iter().map(String::as_str).collect::<Vec<_>>()).await;
        }
        let garbage = lake.collect(Keep::default()).await;
        assert_eq!(garbage.snapshots, [1, 2]);
        assert_eq!(paths(&garbage.files), [own(2)]);
        assert!(lake.has(&own(1)) && lake.has(&own(3)) && !lake.has("data/run-2"));
        assert_eq!(lake.lake.numbers().await.unwrap(), [3, 4, 5, 6, 7, 8, 9]);
        assert!(lake.collect(Keep::default()).await.is_empty(), "there is nothing left to collect");
        for number in 3..=9 {
            let manifest = lake.lake.manifest(number).await.unwrap();
            lake.lake.verify(&manifest).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_bound_collects_whatever_the_age_but_never_the_latest() {
        let lake = Folder::new();
        for _ in 0..3 {
            lake.publish(1, &[]).await;
        }
        lake.write("data/doomed/t/part-0.parquet", 2);
        lake.write("data/alive/t/part-0.parquet", 0);
        let garbage = lake.collect(Keep { from: 3, ..Keep::default() }).await;
        assert_eq!((garbage.snapshots.as_slice(), paths(&garbage.orphans)), ([1, 2].as_slice(), vec!["data/doomed/t/part-0.parquet"]));
        assert!(lake.has(&own(3)) && lake.has("data/alive"));
        assert!(lake.collect(Keep { from: 99, ..Keep::default() }).await.is_empty());
    }

    #[tokio::test]
    async fn what_a_killed_collection_left_is_ended_by_the_next() {
        let lake = Folder::new();
        for number in 1..=7 {
            lake.publish(100 - number, &[]).await;
        }
        // Killed after the first manifest, and in the middle of the files.
        fs::remove_file(lake.folder.path().join(manifest_path(1).as_ref())).unwrap();
        let garbage = lake.collect(Keep::default()).await;
        assert_eq!(
            (garbage.snapshots.as_slice(), paths(&garbage.files), paths(&garbage.orphans)),
            ([2].as_slice(), vec![own(2).as_str()], vec![own(1).as_str()])
        );
        assert!(!lake.has("data/run-1") && !lake.has("data/run-2") && lake.has(&own(3)));
    }

    #[tokio::test]
    async fn leftovers_go_after_a_day_and_not_before() {
        let lake = Folder::new();
        lake.publish(1, &[]).await;
        for (name, hours) in [("old", 25), ("new", 23)] {
            lake.write(&format!("data/{name}/t/part-0.parquet"), hours);
            lake.write(&format!("manifests/{name}.json#1"), hours);
            lake.write(&format!(".scratch-{name}/spill"), hours);
            Folder::age(&lake.folder.path().join(format!(".scratch-{name}")), hours);
        }
        // A run that goes on for longer than a day is known by its youngest file.
        lake.write("data/new/t/part-1.parquet", 30);
        let garbage = lake.collect(Keep::default()).await;
        assert_eq!(paths(&garbage.orphans), ["data/old/t/part-0.parquet"]);
        assert_eq!(paths(&garbage.leftovers), [".scratch-old", "manifests/old.json#1"]);
        assert_eq!(garbage.bytes(), 3);
        for (name, is_there) in [("old", false), ("new", true)] {
            let paths = [format!("data/{name}"), format!("manifests/{name}.json#1"), format!(".scratch-{name}")];
            assert_eq!(paths.map(|path| lake.has(&path)), [is_there; 3], "{name}");
        }
    }

    #[tokio::test]
    async fn an_unreadable_manifest_stops_it_until_it_is_old_itself() {
        let lake = Folder::new();
        for number in 1..=7 {
            lake.publish(100 - number, &[]).await;
        }
        let tear = |number: u64, text: &str, hours: i64| {
            let path = lake.folder.path().join(manifest_path(number).as_ref());
            fs::write(&path, text).unwrap();
            Folder::age(&path, hours);
        };
        tear(4, "{\"format_version\": \"1.", 96);
        let refused = lake.lake.collect(Keep::default(), now()).await;
        assert!(matches!(refused, Err(CollectError::Unreadable { number: 4, reason: ManifestError::Malformed(_) })));
        assert!(lake.has(&own(1)) && lake.lake.numbers().await.unwrap().len() == 7);
        // Of four newer ones it would be the fifth; with three more it is old.
        for _ in 0..3 {
            lake.publish(50, &[]).await;
        }
        assert_eq!(lake.collect(Keep::default()).await.snapshots, [1, 2, 3, 4, 5]);
        tear(6, "{\"format_version\": \"2.0\"}", 96);
        for _ in 0..3 {
            lake.publish(50, &[]).await;
        }
        let refused = lake.lake.collect(Keep::default(), now()).await;
        assert!(matches!(refused, Err(CollectError::Unreadable { number: 6, reason: ManifestError::NewerFormat { .. } })));
    }

    #[tokio::test]
    async fn a_file_that_was_collected_is_not_published_again() {
        let lake = Folder::new();
        let first = lake.publish(100, &[]).await;
        for _ in 0..6 {
            lake.publish(90, &[]).await;
        }
        lake.collect(Keep::default()).await;
        let again = Manifest { parent: Some(7), run_id: "again".to_owned(), ..first };
        let refused = lake.lake.commit(again).await;
        assert!(matches!(refused, Err(crate::CommitError::Gone { path }) if path == own(1)));
    }
}
