//! A publication with everything that can go wrong at every request: never lost, never torn.

use std::error::Error;

use chrono::DateTime;
use hachi_snapshot::{Act, Actor, FileEntry, Lake, LakeError, Manifest};

use super::faults::{FAULTS, Fault, IF_ABSENT, Plan};
use super::server::Server;
use super::{block_on, lake, lake_with, seen};
use crate::torture::{is_full, places};

/// Places that are tried with each fault where not all are.
const SOME: u64 = 3;
/// The same where the store stays away from there on, which a client waits for.
const SOME_FOR_GOOD: u64 = 3;
/// Publications in a row while anything goes wrong at any time, and how many such rows.
const IN_A_ROW: u64 = 4;
const SEEDS: u64 = 2;
const ALL_SEEDS: u64 = 50;
/// How often it does.
const SHARES: [f64; 3] = [0.05, 0.1, 0.2];
/// A client that doesn't wait long for an answer.
const HASTY: [(&str, &str); 1] = [("AWS_TIMEOUT", "1s")];
/// A file that is put in parts.
const LARGE_BYTES: usize = 9 << 20;

fn act(run: &str, outcome: &str) -> Act {
    let actor = Actor { user: "somebody".to_owned(), host: "here".to_owned() };
    let details = [("run_id".to_owned(), run.into())].into_iter().collect();
    Act { at: DateTime::UNIX_EPOCH, actor, action: "run".to_owned(), details, outcome: outcome.to_owned(), before: None, after: None }
}

/// A file that only the run `run` has, sealed.
pub async fn sealed(lake: &Lake, (run, name): (&str, &str), bytes: usize) -> Result<FileEntry, LakeError> {
    let path = format!("data/{run}/t/{name}");
    let file = lake.root().join(&path);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder of ours");
    std::fs::write(file, run.bytes().cycle().take(bytes).collect::<Vec<_>>()).expect("a folder of ours");
    lake.seal(&path).await
}

/// Publishes `run` on top of the latest snapshot, as `hachi run` does: two files of its own, and one of the snapshot before it.
async fn published(lake: &Lake, run: &str, bytes: usize) -> Result<Manifest, Box<dyn Error>> {
    lake.probe(run).await?;
    let latest = lake.latest().await?.manifest;
    if let Some(latest) = &latest {
        lake.pull(latest).await?;
    }
    lake.audit().append(act(run, "started")).await?;
    let mut draft = Manifest::draft(run, DateTime::UNIX_EPOCH, "test");
    draft.parent = latest.as_ref().map(|latest| latest.number);
    draft.serve = vec![sealed(lake, (run, "one"), bytes).await?, sealed(lake, (run, "two"), 100).await?];
    draft.serve.extend(latest.and_then(|latest| latest.serve.first().cloned()));
    let committed = lake.commit(draft).await?;
    // What is published stays published, whoever is told of it.
    let _ = lake.audit().append(act(run, "published")).await;
    let _ = lake.pull(&committed).await;
    Ok(committed)
}

/// What was tried, and how it ended.
#[derive(Debug, Default)]
struct Tally {
    published: u64,
    failed: u64,
    /// Said to have failed, but published: the last answer was lost, and nobody could be asked.
    in_doubt: u64,
}

/// A publication that failed.
#[derive(Debug)]
struct Failure {
    plan: Plan,
    /// Requests that were made.
    asked: Vec<String>,
    said: String,
}

impl Failure {
    /// Asserts that it failed by what can't pass: an answer that says that it is no use to ask again. To a conditional put even that
    /// may be the echo of one's own.
    fn assert_final(&self) {
        let Plan::At(place, fault) = self.plan else { unreachable!("{:?} is no single fault", self.plan) };
        let request = &self.asked[place as usize - 1];
        let is_refusal = matches!(fault, Fault::Refused(409 | 412) | Fault::Denied(412));
        // The client does not ask again for a list whose answer was cut.
        let is_cut_list = fault == Fault::Cut && request.contains("list-type=");
        assert!(
            is_cut_list || (is_refusal && !request.ends_with(IF_ABSENT)),
            "{fault:?} of `{request}` ended a publication: {}",
            self.said
        );
    }
}

/// A store with two snapshots, and what is tried on copies of it.
struct Trial {
    published: Server,
    tally: Tally,
    failures: Vec<Failure>,
    tries: u64,
    bytes: usize,
}

impl Trial {
    fn new(bytes: usize) -> Trial {
        let (tally, failures) = (Tally::default(), Vec::new());
        let mut trial = Trial { published: Server::start(), tally, failures, tries: 0, bytes };
        for _ in 0..2 {
            let run = trial.name();
            publish(&trial.published, (&run, bytes), &[]).expect("nothing goes wrong");
        }
        trial
    }

    fn name(&mut self) -> String {
        self.tries += 1;
        format!("run-{}", self.tries)
    }

    /// Requests of a publication with which nothing goes wrong.
    fn requests(&self) -> u64 {
        let server = Server::like(&self.published);
        publish(&server, ("counted", self.bytes), &[]).expect("nothing goes wrong");
        server.requests()
    }

    /// Publishes while `plan` goes on: readers see the snapshot before or the whole new one, and this if it was told to be published.
    fn endure(&mut self, server: &Server, plan: Plan) {
        let before = seen(server).expect("a snapshot");
        let run = self.name();
        server.plan(plan);
        let told = publish(server, (&run, self.bytes), &HASTY);
        let asked = server.asked();
        server.plan(Plan::Never);
        let now = seen(server).expect("a snapshot");
        match told {
            Ok(committed) => {
                assert_eq!(now, committed, "{plan:?}: what was told to be published is not there");
                self.tally.published += 1;
            }
            Err(said) if now == before => {
                self.tally.failed += 1;
                self.failures.push(Failure { plan, asked, said });
            }
            Err(said) => {
                assert_eq!((now.run_id, now.parent), (run, Some(before.number)), "{plan:?}: neither old nor new; {said}");
                assert!(said.contains("Unknown"), "{plan:?}: it is published, but {said}");
                self.tally.in_doubt += 1;
            }
        }
    }

    /// What comes next works, whatever happened, and the audit log is sound.
    fn goes_on(&mut self, server: &Server) {
        let before = seen(server).map(|latest| latest.number);
        let run = self.name();
        let committed = publish(server, (&run, self.bytes), &[]).expect("nothing goes wrong any more");
        assert_eq!((committed.parent, seen(server)), (before, Some(committed)));
        assert_chain(server);
    }
}

/// Publishes from an empty folder.
fn publish(server: &Server, (run, bytes): (&str, usize), more: &[(&str, &str)]) -> Result<Manifest, String> {
    let folder = tempfile::tempdir().expect("a writable folder");
    let lake = lake_with(server, folder.path(), more);
    block_on(published(&lake, run, bytes)).map_err(|error| format!("{error:?}"))
}

/// Tries each of `faults` at its places among the requests of a publication.
fn endured(bytes: usize, faults: &[Fault], plan: fn(u64, Fault) -> Plan, some: u64) -> Trial {
    let mut trial = Trial::new(bytes);
    let last = trial.requests();
    assert!(last > 10, "{last} requests");
    println!("{last} requests, {} faults", faults.len());
    for fault in faults {
        for place in places(last, some) {
            let server = Server::like(&trial.published);
            trial.endure(&server, plan(place, *fault));
            trial.goes_on(&server);
        }
    }
    trial
}

#[test]
fn one_fault_at_every_request_loses_and_tears_nothing() {
    let Trial { tally, failures, .. } = endured(1_000, &FAULTS, Plan::At, SOME);
    println!("one fault: {tally:?}");
    failures.iter().for_each(Failure::assert_final);
}

#[test]
fn a_store_that_goes_away_at_any_request_loses_and_tears_nothing() {
    let Trial { tally, .. } = endured(1_000, &[Fault::Refused(503), Fault::ResetAfter], Plan::From, SOME_FOR_GOOD);
    println!("away from there on: {tally:?}");
    assert!(tally.failed > 0);
}

#[test]
fn a_file_in_parts_is_whole_or_not_there() {
    let Trial { tally, failures, .. } = endured(LARGE_BYTES, &[Fault::Denied(500), Fault::ResetAfter], Plan::At, SOME);
    println!("a file in parts: {tally:?}");
    failures.iter().for_each(Failure::assert_final);
}

#[test]
fn faults_at_random_lose_and_tear_nothing() {
    let mut trial = Trial::new(1_000);
    let seeds = if is_full() { ALL_SEEDS } else { SEEDS };
    for (share, seed) in SHARES.into_iter().flat_map(|share| (0..seeds).map(move |seed| (share, seed))) {
        let server = Server::like(&trial.published);
        for number in 0..IN_A_ROW {
            trial.endure(&server, Plan::Sometimes(share, IN_A_ROW * seed + number));
        }
        trial.goes_on(&server);
    }
    println!("faults at random: {:?}", trial.tally);
    assert!(trial.tally.published > 0);
}

/// The audit log has no gap and no change, whatever went wrong while it was written, and holds every entry that a manifest names.
fn assert_chain(server: &Server) {
    let folder = tempfile::tempdir().expect("a writable folder");
    let lake = lake(server, folder.path());
    let verdict = block_on(async {
        let mut manifests = Vec::new();
        for number in lake.numbers().await.expect("a store that can be listed") {
            manifests.push(lake.manifest(number).await.expect("a whole manifest"));
        }
        lake.audit().pull().await.expect("a whole log");
        lake.audit().verify(&manifests).expect("a readable log")
    });
    assert!(verdict.broken.is_none() && verdict.torn.is_empty() && verdict.entries > 0, "{verdict:?}");
}
