//! `hachi gc`, and the collection at the end of a run: old snapshots go with what nobody needs, and nothing else does.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use crate::files;
use crate::programs::assert_holds;
use crate::sample::{self, AS_OF};
use crate::site::Site;

const DAY: Duration = Duration::from_hours(24);

fn age(path: &Path, by: Duration) {
    let file = File::open(path).expect("a readable file");
    let now = file.metadata().and_then(|meta| meta.modified()).expect("a time");
    file.set_modified(now.checked_sub(by).expect("a time after 1970")).expect("a file of one's own");
}

fn age_manifests(site: &Site) {
    let folder = site.lake().join("manifests");
    files::below(&folder).iter().for_each(|name| age(&folder.join(name), 2 * DAY));
}

/// A lake in which snapshot 2 has files of its own, and all others those of snapshot 1; the latest is 8, and all are two days old.
fn aged() -> Site {
    let site = sample::copy();
    site.hachi(&["run", "--as-of", AS_OF, "--full"]).ok();
    (3..=8).for_each(|_| drop(site.hachi(&["rollback", "1"]).ok()));
    age_manifests(&site);
    site
}

#[test]
fn a_run_collects_what_is_old_and_named_by_nobody() {
    let site = aged();
    let second = site.hachi(&["snapshots", "--json"]).ok().json()[1].clone();
    let own = site.lake().join("data").join(second["run_id"].as_str().expect("a run id"));
    assert!(second["own_bytes"].as_u64().is_some_and(|bytes| bytes > 100_000), "{second}");
    let before = files::tree(&site.lake());
    let said = site.hachi(&["gc", "--dry-run", "--json"]).ok().json();
    assert_eq!((&said["snapshots"], &said["kept"]), (&serde_json::json!([1, 2, 3]), &serde_json::json!([4, 5, 6, 7, 8])));
    assert_eq!(said["bytes"], second["own_bytes"]);
    assert_holds(&site.hachi(&["gc", "--dry-run"]).ok().stdout, &["would go: snapshots 1, 2, 3", "files of old snapshots"]);
    assert_eq!(files::tree(&site.lake()), before, "a dry run changed something");
    assert!(own.is_dir());

    site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert!(!own.exists(), "the run collected nothing");
    let numbers: Vec<_> = files::below(&site.lake().join("manifests"));
    // The run's own is the ninth.
    assert_eq!(numbers.len(), 5, "{numbers:?}");
    site.hachi(&["verify", "--all"]).ok();
    assert_eq!(site.column("select count(*) from events"), sample::published().site.column("select count(*) from events"));
    assert_holds(&site.hachi(&["gc"]).ok().stdout, &["nothing to remove"]);
    let links = fs::read_dir(site.lake().join("snapshots")).expect("links to snapshots");
    let links: Vec<_> = links.map(|link| link.expect("a link").file_name().into_string().expect("a number")).collect();
    assert!(links.iter().all(|number| number.parse::<u64>().is_ok_and(|number| number >= 5)), "{links:?}");
}

#[test]
fn what_killed_runs_left_goes_after_a_day() {
    let site = sample::copy();
    let lake = site.lake();
    for (name, by) in [("old", DAY / 24 * 25), ("new", DAY / 24 * 23)] {
        let left = [format!("data/{name}/t/part-0.parquet"), format!("serve/{name}/serve.redb"), format!("manifests/{name}.json#1")];
        for path in &left {
            site.write(&format!("lake/{path}"), "left");
            age(&lake.join(path), by);
        }
        let scratch = format!(".scratch-{name}");
        site.write(&format!("lake/{scratch}/spill"), "left");
        age(&lake.join(&scratch).join("spill"), by);
        age(&lake.join(&scratch), by);
    }
    let said = site.hachi(&["gc", "--json"]).ok().json();
    assert_eq!((said["orphans"].as_array().map(Vec::len), said["leftovers"].as_array().map(Vec::len)), (Some(2), Some(2)), "{said}");
    let there = |name: &str| {
        let paths = [format!("data/{name}"), format!("serve/{name}"), format!("manifests/{name}.json#1"), format!(".scratch-{name}")];
        paths.map(|path| lake.join(path).exists())
    };
    assert_eq!((there("old"), there("new")), ([false; 4], [true; 4]));
    site.hachi(&["verify", "--all"]).ok();
}

#[test]
fn a_torn_manifest_stops_it_and_a_run_succeeds_all_the_same() {
    let site = aged();
    let torn = site.lake().join("manifests/00000000000000000006.json");
    fs::write(&torn, "{\"format_version\"").expect("a writable file");
    let refused = site.hachi(&["gc"]).failed(1);
    assert_holds(&refused, &["nothing is collected, because manifest 6 can't be read", "move it out of `manifests/`"]);
    let said = site.hachi(&["run", "--as-of", AS_OF]).ok();
    assert_holds(&said.stderr, &["old snapshots were not collected", "manifest 6"]);
    assert!(site.lake().join("manifests/00000000000000000001.json").is_file());
}

#[test]
fn less_than_what_is_promised_can_not_be_asked_for() {
    let site = sample::copy();
    for (key, value, expected) in [("keep_snapshots", 4, "5 to"), ("keep_hours", 23, "24 to")] {
        let lake = format!("{key} = {value}").parse::<toml::Table>().expect("TOML");
        let mut config = sample::config();
        config.insert("lake".to_owned(), lake.into());
        site.write("hachi.toml", config.to_string());
        let refused = site.hachi(&["gc"]).failed(3);
        assert_holds(&refused, &[&format!("`lake.{key}` is `{value}`, expected {expected}")]);
    }
    for arguments in [["gc", "--keep", "4"], ["gc", "--hours", "23"]] {
        site.hachi(&arguments).failed(2);
    }
}
