//! The power goes: what was not synced may be lost, all of it or any part.

use std::path::Path;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::disk::{Recorded, read};
use super::shim::{Plan, under};
use super::{OTHER_DAY, is_full, run, seen, whole};
use crate::sample;

/// States that are looked at.
const STATES: u64 = 300;
const ALL_STATES: u64 = 4_000;
/// One in so many is of the moment after the program has said that it published.
const ACKNOWLEDGED: u64 = 4;

/// A copy whose files are the same ones on disk: they are never written to.
fn link(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { link(&from, &to) } else { std::fs::hard_link(from, to).expect("a link") }
    }
}

#[test]
fn no_publication_that_was_told_is_lost_with_the_power() {
    let site = sample::copy();
    let (before, log) = (whole(&site).number, site.path("log"));
    let start = site.path("start");
    link(&site.lake(), &start);
    let mut command = site.command(&run(OTHER_DAY));
    under(&mut command, &site.lake(), &Plan::Record(&log));
    assert!(command.status().expect("a program that starts").success());
    assert_eq!(whole(&site).number, before + 1);
    let lake = site.lake().canonicalize().expect("a lake");
    let recorded = Recorded::new(read(&std::fs::read(&log).expect("a log")), (&lake, &start));

    let mut stream = ChaCha8Rng::seed_from_u64(8);
    let (mut old, mut new) = (0, 0);
    for state in 0..if is_full() { ALL_STATES } else { STATES } {
        let is_told = state % ACKNOWLEDGED == 0;
        let happened = if is_told { recorded.len() } else { stream.random_range(0..recorded.len()) };
        let disk = site.path(&format!("state-{state}"));
        link(&start, &disk);
        recorded.apply((&lake, &disk), happened, &mut stream);
        let latest = seen(&disk).manifest.expect("a snapshot").number;
        assert!(latest == before || latest == before + 1, "{latest} after {happened} changes");
        assert!(!is_told || latest == before + 1, "what was told is lost");
        *if latest == before { &mut old } else { &mut new } += 1;
        std::fs::remove_dir_all(&disk).expect("a folder of ours");
    }
    assert!(old > 0 && new > 0, "{old} old, {new} new");
}
