//! Crashes, power loss, full disks and rotten bytes: whatever happens, readers see a whole snapshot, the old one or the new one.
//!
//! `shim` stands between the program and the C library and counts what changes the lake, so that it can be killed, refused or written
//! down at every single change. A part of the places is tried in every test run; `HACHI_TORTURE=full` tries them all.

mod disk;
mod faults;
mod flips;
mod kills;
mod power;
mod shim;

use std::path::Path;

use hachi_snapshot::{Lake, Latest, Manifest, ServeReader};

use crate::sample;
use crate::site::Site;

/// The table that is built: one is enough for all that a publication does, and is quick.
const TABLE: &str = "kpi_snapshot";
/// The day before the sample's own.
const OTHER_DAY: &str = "2026-03-31";

/// Whether all places are tried.
#[expect(clippy::disallowed_methods, reason = "a person asks for it, as with other settings of a test run")]
pub fn is_full() -> bool {
    std::env::var("HACHI_TORTURE").is_ok_and(|value| value == "full")
}

/// `1..=last`, or about so many of them, spread evenly with both ends.
pub fn places(last: u64, some: u64) -> Vec<u64> {
    if is_full() || last <= some {
        return (1..=last).collect();
    }
    (0..some).map(|place| 1 + place * (last - 1) / (some - 1)).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

/// What a reader sees, having asserted that it is whole.
fn seen(lake: &Path) -> Latest {
    let lake = Lake::local(lake).expect("a lake");
    let latest = block_on(lake.latest()).expect("a lake that can be listed");
    let manifest = latest.manifest.as_ref().expect("a snapshot");
    for number in block_on(lake.numbers()).expect("a lake that can be listed") {
        if let Ok(manifest) = block_on(lake.manifest(number)) {
            block_on(lake.verify(&manifest)).expect("every file as it was sealed");
        }
    }
    let serve = lake.file(&manifest.serve[0].path).expect("a path of the lake");
    ServeReader::open(&serve).expect("a sound serving file");
    latest
}

/// The snapshot that a reader sees; none above it is broken.
fn whole(site: &Site) -> Manifest {
    let latest = seen(&site.lake());
    assert_eq!(latest.skipped, []);
    latest.manifest.expect("a snapshot")
}

/// A run that publishes, as people type it.
fn run(day: &str) -> [&str; 5] {
    ["run", "--as-of", day, "--select", TABLE]
}

/// What comes next works, whatever happened.
fn goes_on(site: &Site) {
    let before = whole(site);
    site.hachi(&run(sample::AS_OF)).ok();
    let after = whole(site);
    assert!(after.number > before.number && after.parent == Some(before.number), "{} after {}", after.number, before.number);
}
