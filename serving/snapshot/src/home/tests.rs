//! Machines that publish to one home, read from it and collect in it, while requests fail.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use object_store::memory::InMemory;
use object_store::path::Path as StorePath;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use serde_json::Map;

use super::faulty::{Fault, Faulty};
use super::*;
use crate::verify::VerifyError;
use crate::{Act, Actor, CommitError, Erasure, Keep, Lake, Manifest, PseudonymKey, erasures};

struct Machine {
    folder: tempfile::TempDir,
    lake: Lake,
}

impl Machine {
    fn new(store: Arc<dyn ObjectStore>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lake = lake(&folder, store);
        Self { folder, lake }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// A draft on top of the latest snapshot that names its files again, and a new one of `bytes`.
    async fn draft(&self, run_id: &str, bytes: &[u8]) -> Manifest {
        let parent = self.lake.latest().await.unwrap().manifest;
        let path = format!("data/{run_id}/t/part-0.parquet");
        std::fs::create_dir_all(self.path(&path).parent().unwrap()).unwrap();
        std::fs::write(self.path(&path), bytes).unwrap();
        let mut draft =
            Manifest { parent: parent.as_ref().map(|parent| parent.number), ..Manifest::draft(run_id, DateTime::UNIX_EPOCH, "test") };
        draft.serve.push(self.lake.seal(&path).await.unwrap());
        // The newest of the parent's, so that files are let go in time.
        draft.serve.extend(parent.into_iter().flat_map(|parent| parent.serve.into_iter().take(1)));
        draft
    }

    async fn publish(&self, run_id: &str) -> Manifest {
        let draft = self.draft(run_id, run_id.as_bytes()).await;
        let draft = self.lake.letting_go(draft, keep(), later()).await.unwrap();
        let manifest = self.lake.commit(draft).await.unwrap();
        self.lake.pull(&manifest).await.unwrap();
        manifest
    }

    /// Every manifest of the copy names files that are there, as they were published.
    async fn assert_copy_is_sound(&self) {
        let copy = self.lake.copy();
        for number in copy.numbers().await.unwrap() {
            copy.verify(&copy.manifest(number).await.unwrap()).await.unwrap();
        }
    }
}

fn lake(folder: &tempfile::TempDir, store: Arc<dyn ObjectStore>) -> Lake {
    Lake::local(folder.path()).unwrap().with_home(Home::new(store, "s3://our-lake/site".parse().unwrap())).unwrap()
}

/// The fewest that may be kept in a test, at a time when all is old.
fn keep() -> Keep {
    Keep { snapshots: 2, age: TimeDelta::zero(), from: 0 }
}

#[expect(clippy::disallowed_methods, reason = "the store in memory has the machine's clock")]
fn later() -> DateTime<Utc> {
    Utc::now() + TimeDelta::days(2)
}

fn own(run_id: &str) -> StorePath {
    StorePath::from(format!("data/{run_id}/t/part-0.parquet"))
}

#[tokio::test]
async fn what_one_machine_publishes_another_reads() {
    let store = Arc::new(InMemory::new());
    let (here, there) = (Machine::new(store.clone()), Machine::new(store.clone()));
    here.publish("a").await;
    let second = here.publish("b").await;
    assert_eq!(there.lake.latest().await.unwrap().manifest, Some(second.clone()));
    assert!(there.lake.copy().latest().await.unwrap().manifest.is_none());
    there.lake.pull(&second).await.unwrap();
    assert_eq!(there.lake.copy().latest().await.unwrap().manifest, Some(second));
    assert_eq!(std::fs::read(there.path("data/a/t/part-0.parquet")).unwrap(), b"a");
    there.assert_copy_is_sound().await;
}

#[tokio::test]
async fn a_large_file_goes_in_parts_and_comes_in_parts() {
    let store = Arc::new(InMemory::new());
    let (here, there) = (Machine::new(store.clone()), Machine::new(store.clone()));
    let bytes: Vec<u8> = (0..2 * limits::PART_BYTES + 7).map(|at| (at % 251) as u8).collect();
    let manifest = here.lake.commit(here.draft("a", &bytes).await).await.unwrap();
    there.lake.pull(&manifest).await.unwrap();
    assert!(std::fs::read(there.path("data/a/t/part-0.parquet")).unwrap() == bytes);
    // What is not what was sealed is not published.
    let draft = here.draft("b", &bytes).await;
    std::fs::write(here.path("data/b/t/part-0.parquet"), vec![0; bytes.len()]).unwrap();
    assert!(matches!(here.lake.commit(draft).await, Err(CommitError::Changed { .. })));
    assert!(store.head(&own("b")).await.is_err());
}

#[tokio::test]
async fn of_two_machines_one_publishes() {
    let store = Arc::new(InMemory::new());
    let (here, there) = (Machine::new(store.clone()), Machine::new(store.clone()));
    let (ours, theirs) = (here.draft("a", b"a").await, there.draft("b", b"b").await);
    here.lake.commit(ours).await.unwrap();
    assert!(matches!(there.lake.commit(theirs.clone()).await, Err(CommitError::Parent { winner, .. }) if winner == "a"));
    assert!(store.head(&own("b")).await.is_err(), "nothing is put for a draft that can't be published");
    // One that has looked before.
    assert!(
        matches!(there.lake.create(Manifest { number: 1, ..theirs }).await, Err(CommitError::Conflict { winner, .. }) if winner == "a")
    );
    assert!(there.lake.copy().numbers().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_corrupted_download_is_refused() {
    let store = Arc::new(InMemory::new());
    let (here, there) = (Machine::new(store.clone()), Machine::new(store.clone()));
    let manifest = here.publish("a").await;
    for bytes in ["x", ""] {
        store.put(&own("a"), PutPayload::from(bytes.as_bytes().to_vec())).await.unwrap();
        let refused = there.lake.pull(&manifest).await.unwrap_err();
        assert_eq!(matches!(refused, PullError::Damaged(VerifyError::Hash { .. })), bytes == "x", "{refused}");
        assert!(there.lake.copy().numbers().await.unwrap().is_empty() && !there.path(own("a").as_ref()).exists());
        assert!(!here.lake.damages(manifest.files()).await.is_empty(), "the store's bytes are verified");
    }
    store.put(&own("a"), PutPayload::from_static(b"a")).await.unwrap();
    there.lake.pull(&manifest).await.unwrap();
    // One that was cut here comes again.
    std::fs::write(there.path(own("a").as_ref()), "").unwrap();
    there.lake.pull(&manifest).await.unwrap();
    there.assert_copy_is_sound().await;
}

/// Each request fails in turn, before or after it was done: home and copy stay sound, and the next attempt publishes.
#[tokio::test]
async fn whatever_fails_home_and_copy_stay_sound() {
    for fault in [Fault::Lost, Fault::Unanswered] {
        for (at, failing) in (0..40).flat_map(|at| [(at, 1), (at, 2), (at, i64::MAX)]) {
            let store = Arc::new(InMemory::new());
            let machine = Machine::new(store.clone());
            machine.publish("a").await;
            let draft = machine.draft("b", b"b").await;
            let faulty = Arc::new(Faulty::new(&store, fault, (at, failing)));
            let broken = lake(&machine.folder, faulty.clone());
            let committed = broken.commit(draft).await;
            if let Ok(manifest) = &committed {
                let _ = broken.pull(manifest).await;
                let _ = broken.collect(keep(), later()).await;
            }
            let latest = machine.lake.latest().await.unwrap().manifest.unwrap();
            let is_there = latest.run_id == "b";
            match &committed {
                Ok(_) => assert!(is_there, "an acknowledged snapshot is lost"),
                Err(error) => assert!(!is_there || error.may_be_committed(), "request {at}: {error:?}"),
            }
            machine.assert_copy_is_sound().await;
            machine.lake.verify(&latest).await.unwrap();
            machine.lake.pull(&latest).await.unwrap();
            let next = machine.publish("c").await;
            assert_eq!(next.number, latest.number + 1);
            machine.assert_copy_is_sound().await;
            if !faulty.has_failed() {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_no_failure_and_an_unknown_end_is_told() {
    let store = Arc::new(InMemory::new());
    let machine = Machine::new(store.clone());
    let create = async |fault, failing, run_id: &str| {
        let lake = lake(&machine.folder, Arc::new(Faulty::new(&store, fault, (0, failing))));
        lake.create(Manifest { number: 1, ..Manifest::draft(run_id, DateTime::UNIX_EPOCH, "test") }).await
    };
    // Neither is the manifest put nor can be asked for.
    let unknown = create(Fault::Lost, i64::MAX, "a").await.unwrap_err();
    assert!(unknown.may_be_committed() && matches!(unknown, CommitError::Unknown { number: 1, .. }));
    assert!(machine.lake.numbers().await.unwrap().is_empty());
    create(Fault::Unanswered, 1, "a").await.unwrap();
    create(Fault::Unanswered, 1, "a").await.unwrap();
    assert!(matches!(create(Fault::Lost, 1, "b").await, Err(CommitError::Conflict { winner, .. }) if winner == "a"));
}

#[tokio::test]
async fn what_the_home_has_collected_goes_from_the_copy() {
    let store = Arc::new(InMemory::new());
    let (here, there) = (Machine::new(store.clone()), Machine::new(store.clone()));
    for run_id in ["a", "b", "c", "d"] {
        let manifest = here.publish(run_id).await;
        there.lake.pull(&manifest).await.unwrap();
    }
    let garbage = here.lake.collect(keep(), later()).await.unwrap();
    assert_eq!((garbage.snapshots, garbage.kept), (vec![1, 2], vec![3, 4]));
    assert_eq!(here.lake.copy().numbers().await.unwrap(), [3, 4]);
    assert!(store.head(&own("a")).await.is_err() && !here.path("data/a").exists() && here.path("data/b").exists());
    assert_eq!(there.lake.copy().numbers().await.unwrap(), [1, 2, 3, 4]);
    let fifth = here.publish("e").await;
    there.lake.pull(&fifth).await.unwrap();
    assert_eq!(there.lake.copy().numbers().await.unwrap(), [3, 4, 5]);
    there.assert_copy_is_sound().await;
}

#[tokio::test]
async fn a_promise_to_keep_never_grows_and_nobody_goes_back_behind_it() {
    let store = Arc::new(InMemory::new());
    let machine = Machine::new(store.clone());
    let first = machine.publish("a").await;
    assert_eq!(first.keeps_from, Some(1));
    for (run_id, kept) in [("b", 1), ("c", 2), ("d", 3)] {
        assert_eq!(machine.publish(run_id).await.keeps_from, Some(kept), "{run_id}");
    }
    // A rule that would keep more does not bring back what was let go, and without a rule it stays as it is.
    let all = Keep { snapshots: 99, ..keep() };
    let draft = machine.lake.letting_go(machine.draft("e", b"e").await, all, later()).await.unwrap();
    assert_eq!(machine.lake.commit(draft).await.unwrap().keeps_from, Some(3));
    let back = first.clone().again("back", 5, "test");
    assert!(matches!(machine.lake.commit(back).await, Err(CommitError::LetGo { number: 1 })));
    // To forget, all that is older is let go at once.
    let draft = machine.lake.letting_go(machine.draft("f", b"f").await, Keep { from: u64::MAX, ..keep() }, later()).await.unwrap();
    let forgotten = machine.lake.commit(draft).await.unwrap();
    assert!(forgotten.keeps_from == Some(6) && machine.lake.has_let_go(&forgotten, 6));
    let everything = Keep { snapshots: usize::MAX, from: 6, ..Keep::default() };
    assert_eq!(machine.lake.collect(everything, later()).await.unwrap().snapshots, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_number_that_was_collected_is_not_published_again() {
    let store = Arc::new(InMemory::new());
    let (here, asleep) = (Machine::new(store.clone()), Machine::new(store.clone()));
    let late = Manifest { number: 2, ..asleep.draft("late", b"late").await };
    for run_id in ["a", "b", "c", "d", "e"] {
        here.publish(run_id).await;
    }
    here.lake.collect(keep(), later()).await.unwrap();
    assert_eq!(here.lake.numbers().await.unwrap(), [4, 5]);
    assert!(matches!(asleep.lake.create(late).await, Err(CommitError::Parent { latest: Some(5), .. })));
    assert_eq!(here.lake.numbers().await.unwrap(), [4, 5]);
}

/// Writers and collectors that may sleep between any two of their steps, in a thousand orders.
#[tokio::test]
async fn no_order_of_commits_and_collections_removes_what_is_named() {
    let (mut published, mut refused, mut collected) = (0, 0, 0);
    for seed in 0..40_u64 {
        let store = Arc::new(InMemory::new());
        let machines = [Machine::new(store.clone()), Machine::new(store.clone()), Machine::new(store.clone())];
        machines[0].publish("first").await;
        let (mut drafts, mut numbered, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        for step in 0..60 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let machine = &machines[(random >> 8) as usize % machines.len()];
            let pick = (random >> 16) as usize;
            match random % 6 {
                0 => drafts.push(begin(machine, &format!("run-{step}")).await),
                1 => drafts.extend(back(machine, &format!("back-{step}"), pick).await),
                2 if !drafts.is_empty() => numbered.extend(look(machine, drafts.swap_remove(pick % drafts.len())).await),
                3 if !numbered.is_empty() => match machine.lake.create(numbered.swap_remove(pick % numbered.len())).await {
                    Ok(_) => published += 1,
                    Err(_) => refused += 1,
                },
                4 => seen.push(machine.lake.garbage(keep(), later()).await.unwrap()),
                5 if !seen.is_empty() => {
                    let garbage = seen.swap_remove(pick % seen.len());
                    collected += garbage.files.len() + garbage.orphans.len();
                    machine.lake.remove_all(&garbage, later()).await.unwrap();
                }
                _ => {}
            }
            let latest = machines[0].lake.latest().await.unwrap().manifest.unwrap();
            machines[0].lake.look_for_files(&latest).await.unwrap_or_else(|error| panic!("seed {seed}, step {step}: {error}"));
        }
    }
    assert!(published > 40 && refused > 5 && collected > 5, "{published} published, {refused} refused, {collected} files collected");
}

/// A draft whose files have been put.
async fn begin(machine: &Machine, run_id: &str) -> Manifest {
    let draft = machine.draft(run_id, run_id.as_bytes()).await;
    let draft = machine.lake.letting_go(draft, keep(), later()).await.unwrap();
    if let Ok((parent, _)) = machine.lake.successor(&draft).await {
        machine.lake.upload(&draft, parent.as_ref()).await.unwrap();
    }
    draft
}

/// A draft that goes back to one of the snapshots that are there.
async fn back(machine: &Machine, run_id: &str, pick: usize) -> Option<Manifest> {
    let history = machine.lake.history().await.unwrap();
    let latest = history.last()?.number;
    let old = history[pick % history.len()].manifest.clone().ok()?;
    machine.lake.letting_go(old.again(run_id, latest, "test"), keep(), later()).await.ok()
}

/// The last look before the manifest is created.
async fn look(machine: &Machine, draft: Manifest) -> Option<Manifest> {
    machine.lake.look_for_files(&draft).await.ok()?;
    let (parent, number) = machine.lake.successor(&draft).await.ok()?;
    let keeps_from = machine.lake.keeps_from(&draft, parent.as_ref(), number).ok()?;
    Some(Manifest { number, keeps_from, ..draft })
}

#[tokio::test]
async fn a_store_that_ignores_conditions_is_found_out() {
    let store = Arc::new(InMemory::new());
    let machine = Machine::new(store.clone());
    machine.lake.probe("run-1").await.unwrap();
    let careless = lake(&machine.folder, Arc::new(Faulty::new(&store, Fault::Unconditional, (0, 0))));
    assert!(matches!(careless.probe("run-2").await, Err(ProbeError::Unconditional { url }) if url == "s3://our-lake/site"));
    // What a killed probe leaves goes with the next collection.
    store.put(&StorePath::from(".probe/killed"), PutPayload::from_static(b"x")).await.unwrap();
    machine.publish("a").await;
    let garbage = machine.lake.collect(keep(), later()).await.unwrap();
    assert_eq!(garbage.leftovers.iter().map(|waste| waste.path.as_str()).collect::<Vec<_>>(), [".probe/killed"]);
    assert!(machine.lake.collect(keep(), later()).await.unwrap().is_empty());
}

fn act(action: &str) -> Act {
    let actor = Actor { user: "ana".to_owned(), host: "here".to_owned() };
    let (at, outcome) = (DateTime::UNIX_EPOCH, "done".to_owned());
    Act { at, actor, action: action.to_owned(), details: Map::new(), outcome, before: None, after: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn machines_make_one_audit_log() {
    let store = Arc::new(InMemory::new());
    let machines = [Machine::new(store.clone()), Machine::new(store.clone())];
    let appended = machines.iter().zip(["here", "there"]).map(|(machine, name)| {
        let log = machine.lake.audit();
        tokio::spawn(async move {
            for at in 0..8 {
                log.append(act(&format!("{name}-{at}"))).await.unwrap();
            }
        })
    });
    futures::future::join_all(appended).await.into_iter().for_each(|done| done.unwrap());
    for log in machines.each_ref().map(|machine| machine.lake.audit()) {
        log.pull().await.unwrap();
        let verdict = log.verify(&[]).unwrap();
        assert_eq!((verdict.entries, verdict.broken), (16, None));
        let actions: BTreeSet<String> = log.entries().unwrap().into_iter().map(|entry| entry.act.action).collect();
        assert_eq!(actions.len(), 16);
    }
    // A copy that was torn or changed is derived again; an entry that is gone from the home is missed.
    let log = machines[0].lake.audit();
    std::fs::write(log.path(), "{\"torn").unwrap();
    log.append(act("after")).await.unwrap();
    assert_eq!(log.verify(&[]).unwrap().entries, 17);
    store.delete(&StorePath::from("audit/00000000000000000005.json")).await.unwrap();
    log.pull().await.unwrap();
    assert_eq!(log.verify(&[]).unwrap().broken.unwrap().entry, 5);
}

#[tokio::test]
async fn who_is_erased_on_one_machine_is_erased_on_all() {
    let store = Arc::new(InMemory::new());
    let (here, there) = (Machine::new(store.clone()), Machine::new(store.clone()));
    let key = PseudonymKey::new([7; 32]);
    let erasure = |proof: &str, rows: u64| Erasure { rows, ..Erasure::new(proof.to_owned(), chrono::NaiveDate::default(), None) };
    here.lake.erase(&erasure("a", 3), &key).await.unwrap();
    // Who was registered elsewhere stays as registered there.
    there.lake.erase(&erasure("a", 9), &key).await.unwrap();
    there.lake.share_erasures().await.unwrap();
    assert_eq!(erasures(there.folder.path(), &key).unwrap(), [erasure("a", 3)]);
    // What only a folder knows reaches the others.
    there.lake.copy().erase(&erasure("b", 1), &key).await.unwrap();
    there.lake.share_erasures().await.unwrap();
    here.lake.share_erasures().await.unwrap();
    assert_eq!(erasures(here.folder.path(), &key).unwrap(), [erasure("a", 3), erasure("b", 1)]);
}

#[tokio::test]
async fn a_sidecar_has_the_serving_files_alone_and_starts_without_the_home() {
    let store = Arc::new(InMemory::new());
    let (here, sidecar) = (Machine::new(store.clone()), Machine::new(store.clone()));
    let first = here.publish("a").await;
    sidecar.lake.bring_serve(&first).await.unwrap();
    // What was changed on the disk is fetched again.
    std::fs::write(sidecar.path(own("a").as_ref()), "x").unwrap();
    sidecar.lake.bring_serve(&first).await.unwrap();
    sidecar.assert_copy_is_sound().await;
    let copy = sidecar.lake.copy();
    assert_eq!(copy.latest().await.unwrap().manifest, Some(first.clone()));
    copy.bring_serve(&first).await.unwrap();
    for run_id in ["b", "c"] {
        let next = here.publish(run_id).await;
        sidecar.lake.bring_serve(&next).await.unwrap();
    }
    sidecar.lake.keep_copied(&[3], later()).await.unwrap();
    assert_eq!(copy.numbers().await.unwrap(), [3]);
    assert!(!sidecar.path("data/a").exists() && sidecar.path("data/c").exists());
    assert_eq!(here.lake.numbers().await.unwrap(), [1, 2, 3], "the home is not touched");
}
