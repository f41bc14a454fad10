//! One writer at a time, and a run that is told to stop.

use std::fs;

use hachi::publish::WriterLock;

use crate::files;
use crate::patience::wait;
use crate::programs::{assert_holds, terminate};
use crate::sample::{self, AS_OF};
use crate::site::Site;

const RUN: [&str; 4] = ["run", "--full", "--as-of", AS_OF];

fn words(site: &Site) -> String {
    fs::read_to_string(site.lake().join(".lock")).unwrap_or_default()
}

/// What a run that is gone left in the lake besides snapshots.
fn rests(site: &Site) -> Vec<String> {
    let names = |folder: &str| fs::read_dir(site.path(folder)).into_iter().flatten().flatten().map(|e| e.file_name().into_string());
    let known = ["data", "manifests", "serve", "runs", "snapshots", "current", "audit", ".lock", ".manifests.lock"].map(str::to_owned);
    let of_lake = names("lake").flatten().filter(|name| !known.contains(name));
    let runs = |folder: &'static str| names(folder).flatten().map(move |name| format!("{folder}/{name}"));
    let published = site.latest().run_id;
    of_lake.chain(runs("lake/data").chain(runs("lake/serve")).filter(|path| !path.ends_with(&published))).collect()
}

#[test]
fn whoever_comes_second_is_told_who_was_first() {
    let site = sample::copy();
    let held =
        WriterLock::take(&site.lake(), "process 4711 on elsewhere, run `first`, since 2026-04-01T00:00:00Z").expect("nobody holds it");
    let said = site.hachi(&RUN).failed(75);
    assert_holds(&said, &["process 4711 on elsewhere", "run `first`", "since 2026-04-01", "wait until that ends"]);
    assert_eq!(site.latest().number, 1);
    // Whoever only reads need not wait.
    site.hachi(&["plan"]).ok();
    assert_eq!(site.column("select 1"), ["1"]);
    drop(held);
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_eq!((site.latest().number, words(&site).as_str()), (2, ""));
}

#[test]
fn a_live_run_keeps_the_lock_and_a_killed_one_lets_go() {
    let site = sample::copy();
    let mut first = site.start(&mut site.command(&RUN));
    wait(|| !words(&site).is_empty(), || "nobody took the lock".to_owned());
    let said = site.hachi(&RUN).failed(75);
    assert_holds(&said, &[&format!("process {} on ", first.id()), "run `"]);
    first.kill().expect("it can be killed");
    first.wait().expect("it ends");
    assert_holds(&words(&site), &["process "]);
    let survivor = site.latest().number;
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_eq!(site.latest().number, survivor + 1);
}

#[test]
fn a_run_that_is_told_to_stop_leaves_nothing_behind() {
    let site = sample::copy();
    assert_eq!(rests(&site), [""; 0]);
    let mut run = site.command(&RUN);
    let run = site.start(&mut run);
    wait(|| fs::read_dir(site.lake().join("data")).is_ok_and(|runs| runs.count() > 1), || "the run writes nothing".to_owned());
    let before = files::below(&site.lake().join("manifests"));
    terminate(run.id());
    let ended = run.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(143), "{said}");
    assert_holds(&said, &["told to stop", "error: the run was told to stop; nothing was published"]);
    assert_eq!(files::below(&site.lake().join("manifests")), before);
    assert_eq!(rests(&site), [""; 0]);
    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_eq!(site.latest().content_hash, sample::published().site.latest().content_hash);
}

#[test]
fn an_ingest_beside_another_into_the_same_table_ends_at_once() {
    let site = Site::new("[sources.access_log]\npath = \"raw/access_log\"\n");
    site.write("raw/.ingest-access_log/lock", "");
    site.write("access.log", "");
    let held = fs::File::open(site.path("raw/.ingest-access_log/lock")).expect("a file");
    held.try_lock().expect("nobody holds it");
    assert_holds(&site.hachi(&["ingest", "access_log", "access.log"]).failed(75), &["another ingest into", "wait until it has ended"]);
}
