//! A run that is killed: what was published stays readable, and the next run works.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::sample::{self, AS_OF};
use crate::site::Site;

const PATIENCE: Duration = Duration::from_mins(1);

fn folders(parent: &Path) -> usize {
    fs::read_dir(parent).map_or(0, Iterator::count)
}

/// Waits until the run has got so far, or has ended.
fn wait(run: &mut Child, is_there: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_there() && run.try_wait().expect("a child's state").is_none() {
        assert!(start.elapsed() < PATIENCE, "the run did not get so far in time");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn killed_once(is_there: impl Fn(&Site) -> bool) {
    let site = sample::copy();
    let mut run = site.start(&mut site.command(&["run", "--as-of", AS_OF]));
    wait(&mut run, || is_there(&site));
    // SIGKILL: nothing of the run can clean up.
    run.kill().expect("it can be killed");
    assert!(!run.wait().expect("it ends").success(), "the run ended before it was killed");

    let survivor = site.latest();
    assert_eq!(survivor.number, 1);
    assert_eq!(site.column("select count(*) from events"), sample::published().site.column("select count(*) from events"));
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    let next = site.latest();
    assert_eq!((next.number, next.parent), (2, Some(1)));
    assert_eq!(next.content_hash, survivor.content_hash);
}

#[test]
fn killed_while_it_reads() {
    killed_once(|site| {
        fs::read_dir(site.lake()).is_ok_and(|mut entries| {
            entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(".scratch-")))
        })
    });
}

#[test]
fn killed_while_it_writes_tables() {
    killed_once(|site| folders(&site.lake().join("data")) > 1);
}

#[test]
fn killed_while_it_writes_the_serving_file() {
    killed_once(|site| folders(&site.lake().join("serve")) > 1);
}
