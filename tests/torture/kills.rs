//! SIGKILL before and after every change of the lake.

use std::os::unix::process::ExitStatusExt;

use super::shim::{Plan, under};
use super::{OTHER_DAY, goes_on, places, run, whole};
use crate::sample;
use crate::site::Site;

const SIGKILL: i32 = 9;
/// Places that are tried of each command where not all are.
const SOME: u64 = 8;

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
fn killed_everywhere(site: impl Fn() -> Site, arguments: &[&str]) {
    let tried = site();
    let before = whole(&tried).number;
    let last = changes(&tried, arguments);
    let after = whole(&tried).number;
    assert!(last > 10, "{last} changes");
    for plan in places(last, SOME).into_iter().flat_map(|place| [Plan::KillBefore(place), Plan::KillAfter(place)]) {
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
    killed_everywhere(sample::copy, &run(OTHER_DAY));
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
