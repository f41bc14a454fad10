//! SIGKILL before and after every change of the lake.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::time::SystemTime;

use super::shim::{Plan, under};
use super::{OTHER_DAY, goes_on, places, run, whole};
use crate::forget::{assert_gone, small};
use crate::site::Site;
use crate::{files, sample};

const SIGKILL: i32 = 9;
/// Places that are tried of each command where not all are.
const SOME: u64 = 8;
/// The same of one that builds everything again.
const SOME_OF_ALL: u64 = 4;

/// What `arguments` change in the lake of `site`, by number.
fn changes(site: &Site, arguments: &[&str]) -> u64 {
    let count = site.path("count");
    let mut command = site.command(arguments);
    under(&mut command, &site.lake(), &Plan::Count(&count));
    let output = command.output().expect("a program that starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::read_to_string(count).expect("a count").trim().parse().expect("a number")
}

fn kill(site: &Site, arguments: &[&str], plan: &Plan<'_>) {
    let mut command = site.command(arguments);
    under(&mut command, &site.lake(), plan);
    let output = command.output().expect("a program that starts");
    assert_eq!(output.status.signal(), Some(SIGKILL), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Kills `arguments` at every place: a reader sees the snapshot before or the one after, and everything goes on.
fn killed_everywhere(site: impl Fn() -> Site, (arguments, some): (&[&str], u64), goes_on: impl Fn(&Site)) {
    let tried = site();
    let before = whole(&tried).number;
    let last = changes(&tried, arguments);
    let after = whole(&tried).number;
    assert!(last > 10, "{last} changes");
    for plan in places(last, some).into_iter().flat_map(|place| [Plan::KillBefore(place), Plan::KillAfter(place)]) {
        let site = site();
        kill(&site, arguments, &plan);
        let now = whole(&site).number;
        assert!(now == before || now == after, "{now} after {}", told(&plan));
        goes_on(&site);
    }
}

fn told(plan: &Plan<'_>) -> String {
    match plan {
        Plan::KillBefore(place) => format!("a kill before change {place}"),
        Plan::KillAfter(place) => format!("a kill after change {place}"),
        _ => String::new(),
    }
}

#[test]
fn a_publication_is_killed_everywhere() {
    killed_everywhere(sample::copy, (&run(OTHER_DAY), SOME), goes_on);
}

/// As it stands, and from long ago.
fn old_copy(grown: &Site) -> Site {
    let site = sample::copy();
    files::copy(&grown.lake(), &site.lake());
    let long_ago = SystemTime::UNIX_EPOCH;
    let manifests = site.lake().join("manifests");
    for manifest in files::below(&manifests) {
        File::open(manifests.join(manifest)).expect("a manifest").set_modified(long_ago).expect("a file of ours");
    }
    site
}

#[test]
fn going_back_is_killed_everywhere() {
    let grown = sample::copy();
    grown.hachi(&run(OTHER_DAY)).ok();
    let copy = || {
        let site = sample::copy();
        files::copy(&grown.lake(), &site.lake());
        site
    };
    killed_everywhere(copy, (&["rollback", "1"], SOME), goes_on);
}

#[test]
fn a_collection_is_killed_everywhere() {
    let grown = sample::copy();
    for number in 0..6 {
        grown.hachi(&run(if number % 2 == 0 { OTHER_DAY } else { sample::AS_OF })).ok();
    }
    killed_everywhere(|| old_copy(&grown), (&["gc"], SOME), goes_on);
}

#[test]
fn forgetting_is_killed_everywhere() {
    let published = small();
    let copy = || {
        let site = Site::new(&std::fs::read_to_string(published.path("hachi.toml")).expect("a configuration"));
        files::copy(&published.path("."), &site.path("."));
        site
    };
    killed_everywhere(copy, (&["forget", "ana"], SOME_OF_ALL), |site| {
        site.hachi(&["forget", "ana"]).ok();
        whole(site);
        assert_gone(site, "ana");
    });
}

#[test]
fn what_is_killed_leaves_nothing_that_the_next_run_trips_over() {
    let site = sample::copy();
    let last = changes(&sample::copy(), &run(OTHER_DAY));
    // What was published by chance would make the next one shorter.
    for place in places(last / 2, SOME) {
        kill(&site, &run(OTHER_DAY), &Plan::KillBefore(place));
    }
    goes_on(&site);
}
