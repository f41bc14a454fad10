//! `hachi run`: the same inputs give the same snapshot, parts are rebuilt without the rest, failures leave nothing behind.

use std::collections::BTreeMap;
use std::fs;

use hachi_snapshot::Manifest;

use crate::files;
use crate::patience::wait;
use crate::programs::{Said, assert_holds, root};
use crate::sample::{self, AS_OF};

/// Table → hash of its logical content.
fn contents(manifest: &Manifest) -> BTreeMap<&str, &str> {
    manifest.tables.iter().map(|table| (table.name.as_str(), table.content_hash.as_str())).collect()
}

/// Table → its files.
fn paths(manifest: &Manifest) -> BTreeMap<&str, Vec<&str>> {
    manifest.tables.iter().map(|table| (table.name.as_str(), table.files.iter().map(|file| file.path.as_str()).collect())).collect()
}

#[test]
fn the_same_inputs_give_the_same_content_whatever_the_threads() {
    let first = sample::published().site.latest();
    let site = sample::copy();
    for (threads, number) in [("1", 2), ("2", 3)] {
        let outcome = site.hachi(&["run", "--as-of", AS_OF, "--threads", threads, "--json"]).ok().json();
        let manifest = site.latest();
        assert_eq!(contents(&manifest), contents(&first), "with {threads} threads");
        assert_eq!(manifest.content_hash, first.content_hash);
        assert_eq!((manifest.number, manifest.parent, &outcome["number"]), (number, Some(number - 1), &number.into()));
    }
}

#[test]
fn another_moment_gives_another_content() {
    let site = sample::copy();
    site.hachi(&["run", "--as-of", "2026-03-01"]).ok();
    let manifest = site.latest();
    assert_ne!(manifest.content_hash, sample::published().site.latest().content_hash);
    assert_eq!(manifest.watermark.map(|day| day.to_string()).as_deref(), Some("2026-02-28"));
    assert_eq!(site.column("select count(*) from events where event_date > date '2026-02-28'"), ["0"]);
    let reasons = site.column("select distinct reason from rejects where reason like '%as_of%' order by reason");
    assert_eq!(reasons, ["`joined_at` is after as_of", "`ts` is after as_of"]);
}

#[test]
fn a_part_is_rebuilt_and_the_rest_referred_to() {
    let site = sample::copy();
    let before = site.latest();
    site.hachi(&["run", "--as-of", AS_OF, "--full", "--select", "area:retention"]).ok();
    let after = site.latest();
    assert_eq!((after.number, after.parent, &after.content_hash), (2, Some(1), &before.content_hash));
    let (old, new) = (paths(&before), paths(&after));
    assert_eq!(old.keys().collect::<Vec<_>>(), new.keys().collect::<Vec<_>>());
    let rebuilt: Vec<_> = new.iter().filter(|(table, files)| old[*table] != **files).map(|(table, _)| *table).collect();
    assert!(rebuilt.contains(&"cohort_retention"), "{rebuilt:?}");
    for other in ["events", "sessions", "kpi_snapshot", "recommendations"] {
        assert!(!rebuilt.contains(&other), "`{other}` was rebuilt: {rebuilt:?}");
    }
    assert_eq!(site.query("select * from cohort_retention"), sample::published().site.query("select * from cohort_retention"));
}

/// The lock saves work, and the commit keeps snapshots whole: without the file, as on a disk that has no locks, nothing is lost.
#[test]
fn two_runs_at_once_do_not_harm_each_other() {
    let site = sample::copy();
    let start = || site.start(&mut site.command(&["run", "--as-of", AS_OF, "--threads", "1"]));
    let first = start();
    let lock = site.lake().join(".lock");
    wait(|| fs::metadata(&lock).is_ok_and(|file| file.len() > 0), || "nobody took the lock".to_owned());
    fs::remove_file(&lock).expect("a file");
    let runs = [first, start()].map(|run| Said::from(run.wait_with_output().expect("it ends")));
    let published = runs.iter().filter(|said| said.code == Some(0)).count() as u64;
    assert!(published > 0, "{runs:?}");
    for said in runs.into_iter().filter(|said| said.code != Some(0)) {
        assert_holds(&said.failed(1), &["run again"]);
    }
    let latest = site.latest();
    assert_eq!((latest.number, &latest.content_hash), (1 + published, &sample::published().site.latest().content_hash));
    let folders = |name: &str| fs::read_dir(site.lake().join(name)).expect("a folder of the lake").count() as u64;
    assert_eq!((folders("data"), folders("serve")), (latest.number, latest.number), "a refused run left files");
}

#[test]
fn a_truncated_source_changes_nothing() {
    let mut config = sample::config();
    let whole = fs::read(root().join("data/sample/ratings/part-0.parquet")).expect("the sample");
    let folder = tempfile::tempdir().expect("a writable folder");
    let cut = folder.path().join("part-0.parquet");
    fs::write(&cut, &whole[..whole.len() - 100]).expect("a writable file");
    config["sources"]["ratings"]["path"] = folder.path().display().to_string().into();
    let site = sample::copy_with(&config);
    let before = site.published_files();
    let refused = site.hachi(&["run", "--as-of", AS_OF]).failed(4);
    assert_holds(&refused, &[&cut.display().to_string(), "is not a complete Parquet file", "write it again, or move it out of the folder"]);
    assert_eq!(site.published_files(), before);
}

#[test]
fn a_source_that_breaks_in_the_middle_changes_nothing() {
    let mut config = sample::config();
    let folder = tempfile::tempdir().expect("a writable folder");
    let log = folder.path().join("access_log");
    files::copy(&root().join("data/sample/access_log"), &log);
    let damaged = log.join("event_date=2026-02-10/part-0.parquet");
    let mut bytes = fs::read(&damaged).expect("the sample");
    let middle = bytes.len() / 3;
    bytes[middle..middle + 2_000].fill(0x5a);
    fs::write(&damaged, bytes).expect("a writable file");
    config["sources"]["access_log"]["path"] = log.display().to_string().into();
    let site = sample::copy_with(&config);
    let before = site.published_files();
    let refused = site.hachi(&["run", "--as-of", AS_OF]).failed(4);
    assert_holds(&refused, &["event_date=2026-02-10/part-0.parquet"]);
    assert_eq!(site.published_files(), before);
    assert_eq!(fs::read_dir(site.lake().join("data")).expect("a lake").count(), 1, "a folder of the failed run is left");
}

#[test]
fn a_failed_check_publishes_nothing() {
    let mut config = sample::config();
    let models = tempfile::tempdir().expect("a writable folder");
    let area = models.path().join("own");
    fs::create_dir(&area).expect("a writable folder");
    let model = "/*---\ndescription = \"one row per act\"\nkind = \"table\"\ngrain = [\"kind\"]\n---*/\nselect kind from events\n";
    fs::write(area.join("kinds_of_acts.sql"), model).expect("a writable file");
    config["models"]["path"] = models.path().display().to_string().into();
    let site = sample::copy_with(&config);
    let before = site.published_files();
    let refused = site.hachi(&["run", "--as-of", AS_OF]).failed(5);
    assert_holds(&refused, &["`kinds_of_acts` fails its check unique (kind)", "rows break it", "nothing was published"]);
    assert_eq!(site.published_files(), before);
}

#[test]
fn a_wrong_moment_is_told() {
    let site = &sample::published().site;
    let refused = site.hachi(&["run", "--as-of", "yesterday"]).failed(2);
    assert_holds(&refused, &["expected a time such as", "2026-04-01"]);
}

#[test]
fn a_partial_run_with_another_key_is_refused() {
    let site = sample::copy();
    let number = site.latest().number;
    std::fs::remove_file(site.key()).expect("the key of the first run");
    let refused = site.hachi(&["run", "--as-of", AS_OF, "--select", "course_stats"]).failed(3);
    assert_holds(&refused, &["another pseudonym key", "run without `--select`"]);
    assert_eq!(site.latest().number, number);
}
