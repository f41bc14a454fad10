//! Publishers who want the same number: one has it, and the others know who.

use chrono::DateTime;
use hachi_snapshot::{CommitError, Lake, Manifest};
use tokio::task::JoinSet;

use super::publications::sealed;
use super::server::Server;
use super::{lake, seen};
use crate::torture::is_full;

const PUBLISHERS: usize = 32;
const ROUNDS: u64 = 10;
const ALL_STORES: u64 = 10;

/// Publishes on top of `parent`.
async fn publish(lake: Lake, parent: Option<u64>, run: String) -> Result<Manifest, CommitError> {
    let mut draft = Manifest { parent, ..Manifest::draft(&run, DateTime::UNIX_EPOCH, "test") };
    draft.serve.push(sealed(&lake, (&run, "one"), 100).await?);
    lake.commit(draft).await
}

#[track_caller]
fn assert_one_winner(outcomes: Vec<Result<Manifest, CommitError>>) -> Manifest {
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    let [Ok(won)] = won.as_slice() else { unreachable!("{} winners: {won:?}", won.len()) };
    for lost in lost {
        match lost {
            Err(CommitError::Conflict { number, winner }) => assert_eq!((number, &winner), (won.number, &won.run_id)),
            Err(CommitError::Parent { latest, winner, .. }) => assert_eq!((latest, &winner), (Some(won.number), &won.run_id)),
            other => unreachable!("{other:?}"),
        }
    }
    won.clone()
}

/// Rounds in a store of their own, so that listing it costs the same to the last.
fn rounds() {
    let server = Server::start();
    let folders: Vec<_> = (0..PUBLISHERS).map(|_| tempfile::tempdir().expect("a writable folder")).collect();
    let lakes: Vec<Lake> = folders.iter().map(|folder| lake(&server, folder.path())).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
    for round in 1..=ROUNDS {
        let outcomes = runtime.block_on(async {
            let parent = (round > 1).then_some(round - 1);
            let tries = lakes.iter().enumerate().map(|(at, lake)| publish(lake.clone(), parent, format!("run-{round}-{at}")));
            tries.collect::<JoinSet<_>>().join_all().await
        });
        let won = assert_one_winner(outcomes);
        assert_eq!(won.number, round);
        assert_eq!(seen(&server), Some(won), "what was told to be published is not there");
    }
}

#[test]
fn of_concurrent_publishers_exactly_one_wins_and_the_others_know_who() {
    let stores = if is_full() { ALL_STORES } else { 1 };
    (0..stores).for_each(|_| rounds());
    println!("{PUBLISHERS} publishers × {} rounds, one winner each", stores * ROUNDS);
}
