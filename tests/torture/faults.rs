//! Disks that are full or read-only, and too many open files: a clear error, nothing half done, and the next run works.
//!
//! A full disk is played by the shim, because no test may fill a real one; the limit of open files is the system's own.

use std::process::Command;

use super::shim::{Plan, under};
use super::{OTHER_DAY, goes_on, places, run, whole};
use crate::programs::{Said, program};
use crate::sample;

const FULL: i32 = 28;
const READ_ONLY: i32 = 30;
/// Places of a run that are tried where not all are; it has more than so many changes.
const SOME: u64 = 8;
const LAST: u64 = 120;

fn refused_everywhere(error: i32, says: &str) {
    for place in places(LAST, SOME) {
        let site = sample::copy();
        let before = whole(&site).number;
        let mut command = site.command(&run(OTHER_DAY));
        under(&mut command, &site.lake(), &Plan::Fail(place, error));
        let said: Said = command.output().expect("a program that starts").into();
        assert_refused(&said, says);
        assert_eq!(whole(&site).number, before);
        goes_on(&site);
    }
}

/// The last line is the error; what could not be told elsewhere may be warned of before.
fn assert_refused(said: &Said, says: &str) {
    let last = said.stderr.lines().rfind(|line| line.starts_with("error: ")).unwrap_or_default();
    assert!(said.code == Some(1) && last.contains(says) && !said.stderr.contains("panicked"), "{said:?}");
}

#[test]
fn a_full_disk_publishes_nothing() {
    refused_everywhere(FULL, "No space left on device");
}

#[test]
fn a_read_only_disk_publishes_nothing() {
    refused_everywhere(READ_ONLY, "Read-only file system");
}

#[test]
fn too_many_open_files_publish_nothing() {
    let site = sample::copy();
    let before = whole(&site).number;
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 16; exec \"$0\" \"$@\""]).arg(program("hachi")).args(["run", "--as-of", OTHER_DAY, "--full"]);
    command.current_dir(site.path(".")).env("XDG_DATA_HOME", site.data_home());
    let said: Said = command.output().expect("a shell").into();
    assert_refused(&said, "Too many open files");
    assert_eq!(whole(&site).number, before);
    goes_on(&site);
}
