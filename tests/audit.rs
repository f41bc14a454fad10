//! The audit log: who did what is told, and whatever is changed, moved, removed or cut off is noticed.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::programs::assert_holds;
use crate::rows::{RATINGS, ingest, run};
use crate::site::Site;

/// A site that was published twice.
fn published_twice() -> Site {
    let site = Site::new(RATINGS);
    ingest(&site, "ratings", "ratings.csv", "user_id,course_id,rating,ts\nana,c1,4,2026-03-01T12:00:00Z\n");
    run(&site);
    run(&site);
    site
}

fn log(site: &Site) -> PathBuf {
    site.lake().join("audit/log.jsonl")
}

fn lines(site: &Site) -> Vec<String> {
    fs::read_to_string(log(site)).expect("a log").lines().map(str::to_owned).collect()
}

fn write(site: &Site, lines: &[String]) {
    fs::write(log(site), lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("a writable log");
}

#[track_caller]
fn assert_broken(site: &Site, parts: &[&str]) {
    assert_holds(&site.hachi(&["audit", "--verify"]).failed(7), parts);
}

#[test]
fn it_tells_who_published_what() {
    let site = published_twice();
    let entries = site.hachi(&["audit", "--json"]).ok().json();
    let entries = entries.as_array().expect("entries");
    let told: Vec<_> = entries.iter().map(|e| (e["outcome"].as_str().unwrap_or_default(), &e["before"], &e["after"])).collect();
    let (none, one, two) = (Value::Null, json!(1), json!(2));
    assert_eq!(told, [("started", &none, &none), ("published", &none, &one), ("started", &one, &none), ("published", &one, &two)]);
    assert!(entries.iter().all(|e| e["action"] == "run" && e["actor"]["host"].as_str().is_some_and(|host| !host.is_empty())));
    assert_eq!(entries[3]["details"]["run_id"], json!(site.latest().run_id));
    assert_eq!(site.latest().audit.as_deref(), entries[2]["hash"].as_str());

    let said = site.command(&["audit", "--last", "1"]).env("USER", "carla").output().expect("a program");
    let said = String::from_utf8(said.stdout).expect("text");
    assert!(said.lines().count() == 2 && said.contains("published"), "{said}");
    assert_holds(&site.hachi(&["audit", "--verify"]).ok().stdout, &["4 entries follow each other"]);
}

#[test]
fn it_names_the_user_and_the_machine_and_how_a_run_failed() {
    let site = published_twice();
    fs::remove_dir_all(site.path("raw/ratings")).expect("raw files");
    let mut command = site.command(&["run"]);
    let failed = command.env("USER", "carla").status().expect("a program");
    let last = site.hachi(&["audit", "--last", "1", "--json"]).ok().json();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("this machine has a name");
    assert_eq!(last[0]["actor"], json!({"user": "carla", "host": host.trim()}));
    assert_eq!((&last[0]["outcome"], &last[0]["details"]["exit_code"]), (&json!("failed"), &json!(failed.code())));
    assert_eq!((&last[0]["before"], &last[0]["after"]), (&json!(2), &Value::Null));
}

#[test]
fn changed_removed_and_moved_lines_are_named() {
    let site = published_twice();
    let whole = lines(&site);
    for (at, from, to) in [(0, "\"run\"", "\"gum\""), (1, "published", "Published"), (3, "\"after\":2", "\"after\":3")] {
        let mut changed = whole.clone();
        changed[at] = changed[at].replacen(from, to, 1);
        assert_ne!(changed, whole);
        write(&site, &changed);
        assert_broken(&site, &[&format!("can't be trusted from entry {0} on (line {0})", at + 1), "changed after it was written"]);
    }
    write(&site, &[whole[0].clone(), whole[2].clone(), whole[3].clone()]);
    assert_broken(&site, &["from entry 2 on (line 2)", "it is entry 3"]);
    write(&site, &[whole[0].clone(), whole[2].clone(), whole[1].clone(), whole[3].clone()]);
    assert_broken(&site, &["from entry 2 on (line 2)"]);
    write(&site, &whole);
    site.hachi(&["audit", "--verify"]).ok();
}

#[test]
fn a_cut_end_is_noticed_by_the_manifests() {
    let site = published_twice();
    let whole = lines(&site);
    write(&site, &whole[..3]);
    let said = site.hachi(&["audit", "--verify"]).ok().stdout;
    assert_holds(
        &said,
        &["3 entries", "no entry says that snapshot 2 was published", "killed just then, or the end of the log was cut off"],
    );
    write(&site, &whole[..2]);
    assert_broken(&site, &["from entry 3 on", "snapshot 2 was published after an entry that is gone"]);
    fs::remove_file(log(&site)).expect("a log");
    assert_broken(&site, &["from entry 1 on", "snapshot 1"]);
    let report = site.hachi(&["audit", "--verify", "--json"]);
    assert_eq!((report.code, &report.json()["broken"]["entry"]), (Some(7), &json!(1)));
}

#[test]
fn a_torn_last_line_is_told_and_gone_over() {
    let site = published_twice();
    let whole = lines(&site);
    fs::write(log(&site), format!("{}\n{}\n{}\n{}", whole[0], whole[1], whole[2], &whole[3][..90])).expect("a writable log");
    assert_holds(&site.hachi(&["audit", "--verify"]).ok().stdout, &["3 entries", "the last line was left by a crash"]);
    run(&site);
    assert_holds(&site.hachi(&["audit", "--verify"]).ok().stdout, &["5 entries", "line 4 was left by a crash, as the entry after it says"]);
    assert_eq!(site.hachi(&["audit", "--json"]).ok().json().as_array().map(Vec::len), Some(5));
    let mut changed = lines(&site);
    changed[3].truncate(80);
    write(&site, &changed);
    assert_broken(&site, &["from entry 4 on (line 5)", "does not know what is written before it"]);
}

#[test]
fn what_can_not_be_recorded_is_not_done() {
    let site = published_twice();
    let before = site.latest();
    fs::remove_file(log(&site)).expect("a log");
    fs::create_dir(log(&site)).expect("a folder in its place");
    assert_holds(&site.hachi(&["run"]).failed(1), &["could not read or write the audit log", "log.jsonl"]);
    assert_holds(&site.hachi(&["forget", "ana"]).failed(1), &["could not read or write the audit log"]);
    assert_eq!(site.latest(), before);
    assert!(!site.lake().join("erased").exists(), "somebody was registered");
}

#[test]
fn there_is_no_log_where_nothing_is_published() {
    let site = Site::new(RATINGS);
    assert_holds(&site.hachi(&["audit"]).failed(1), &["nothing is published"]);
}
