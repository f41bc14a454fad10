//! A run that is killed: what was published stays readable, and the next run works.

use std::fs;
use std::path::Path;

use crate::patience::wait;
use crate::sample::{self, AS_OF};
use crate::site::Site;

fn folders(parent: &Path) -> usize {
    fs::read_dir(parent).map_or(0, Iterator::count)
}

/// Kills a run that has got so far, and goes on with the next; the number of the snapshot in between.
fn killed_once(is_there: impl Fn(&Site) -> bool) -> u64 {
    let site = sample::copy();
    let mut run = site.start(&mut site.command(&["run", "--as-of", AS_OF]));
    wait(|| is_there(&site), || "the run did not get so far".to_owned());
    // SIGKILL: nothing of the run can clean up.
    run.kill().expect("it can be killed");
    run.wait().expect("it ends");

    let survivor = site.latest();
    assert_eq!(site.column("select count(*) from events"), sample::published().site.column("select count(*) from events"));
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    let next = site.latest();
    assert_eq!((next.number, next.parent), (survivor.number + 1, Some(survivor.number)));
    assert_eq!(next.content_hash, survivor.content_hash);
    survivor.number
}

#[test]
fn killed_while_it_reads() {
    let is_scratch = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with(".scratch-");
    let survivor = killed_once(|site| fs::read_dir(site.lake()).is_ok_and(|entries| entries.flatten().any(is_scratch)));
    assert_eq!(survivor, 1);
}

#[test]
fn killed_while_it_writes_tables() {
    assert_eq!(killed_once(|site| folders(&site.lake().join("data")) > 1), 1);
}

/// The commit is near: the run may have made it before it was killed.
#[test]
fn killed_while_it_writes_the_serving_file() {
    assert!(killed_once(|site| folders(&site.lake().join("serve")) > 1) <= 2);
}
