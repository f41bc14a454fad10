//! `hachi schedule` as an operator meets it: what is due runs once, what fails is told, what is stopped is run again.

use std::fs;

use hachi::publish::WriterLock;
use serde_json::Value;
use toml::Table;

use crate::patience::wait;
use crate::programs::{Said, assert_holds, terminate};
use crate::sample::{self, AS_OF};
use crate::site::Site;

/// A job that was due at the beginning of the year, and is not due again while a test runs.
fn with_job(job: &str) -> Table {
    let mut config = sample::config();
    let jobs: Table = format!("[jobs.yearly]\ncron = \"0 0 1 1 *\"\nbackoff = \"1s\"\n{job}").parse().expect("TOML");
    config.insert("schedule".to_owned(), jobs.into());
    config
}

fn site(job: &str) -> Site {
    sample::copy_with(&with_job(job))
}

fn once(site: &Site) -> Said {
    site.hachi(&["schedule", "--once"])
}

/// What the list says of the job.
fn listed(site: &Site) -> Value {
    site.hachi(&["schedule", "--list", "--json"]).ok().json()["jobs"][0].clone()
}

fn run_at_as_of() -> String {
    format!("command = [\"run\", \"--as-of\", \"{AS_OF}\"]")
}

#[test]
fn what_is_due_runs_once() {
    let site = site(&run_at_as_of());
    let before = listed(&site);
    assert_eq!((before["name"].as_str(), before["timezone"].as_str(), before.get("done")), (Some("yearly"), Some("Asia/Shanghai"), None));
    assert!(!site.lake().join("schedule").exists(), "a list writes nothing");
    let said = once(&site).ok();
    assert_holds(&said.stderr, &["`yearly` of ", " begins: hachi --config hachi.toml", "is done after "]);
    assert_eq!(site.latest().number, 2);
    once(&site).ok();
    assert_eq!(site.latest().number, 2, "its time is over");

    let after = listed(&site);
    // Midnight in Shanghai.
    assert!(after["done"]["slot"].as_str().is_some_and(|slot| slot.ends_with("-12-31T16:00:00Z")), "{after}");
    assert_eq!((after["done"]["attempts"].as_u64(), after["done"]["how"].as_str()), (Some(1), Some("exit code 0")));
    assert_eq!(after["next"].as_array().map(Vec::len), Some(3));
    let table = site.hachi(&["schedule", "--list"]).ok().stdout;
    assert_holds(&table, &["yearly", "0 0 1 1 *", "Asia/Shanghai", "-01-01T00:00:00+08:00 done", "run --as-of"]);
}

#[test]
fn a_run_describes_the_time_at_which_it_was_due() {
    let site = site("command = [\"run\", \"--as-of\", \"{slot}\"]");
    once(&site).ok();
    let (manifest, job) = (site.latest(), listed(&site));
    assert_eq!(serde_json::json!(manifest.as_of), job["done"]["slot"]);
}

#[test]
fn what_cannot_pass_is_tried_once() {
    let site = site("command = [\"run\", \"--select\", \"no_such_table\"]\nretries = 3");
    let said = once(&site);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert_holds(&said.stderr, &["no_such_table", "failed after", "exit code 3", "error: the job `yearly` of ", "failed for good"]);
    let job = listed(&site);
    assert_eq!((job["failed"]["attempts"].as_u64(), job.get("done"), job.get("open")), (Some(1), None, None));
    assert_holds(&site.hachi(&["schedule", "--list"]).ok().stdout, &["failed: exit code 3"]);
    once(&site).ok();
    assert_eq!(site.latest().number, 1);
}

#[test]
fn what_may_pass_is_tried_again() {
    let mut config = with_job("command = [\"ingest\", \"access_log\", \"not-there-yet.log\"]\nretries = 1");
    config["sources"]["access_log"]["path"] = "raw/access_log".into();
    let site = sample::copy_with(&config);
    let said = once(&site);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    assert_holds(&said.stderr, &["not-there-yet.log", "is tried again at"]);
    let job = listed(&site);
    assert_eq!((job["failed"]["attempts"].as_u64(), job["failed"]["how"].as_str()), (Some(2), Some("exit code 4")));
}

#[test]
fn an_attempt_that_takes_too_long_is_ended() {
    let site = site("command = [\"synth\", \"large\", \"--members\", \"200000\"]\nretries = 0\ntimeout = \"1s\"");
    assert_eq!(once(&site).code, Some(1));
    assert_eq!(listed(&site)["failed"]["how"].as_str(), Some("not done within 1s"));
}

#[test]
fn a_lake_that_is_busy_is_waited_for() {
    let site = site(&format!("{}\nretries = 0", run_at_as_of()));
    let held = WriterLock::take(&site.lake(), "a run by hand").expect("nobody holds it");
    let scheduler = site.start(&mut site.command(&["schedule", "--once"]));
    let is_waiting = || listed(&site)["open"]["retry_at"].is_string();
    wait(is_waiting, || listed(&site).to_string());
    drop(held);
    let said: Said = scheduler.wait_with_output().expect("it ends").into();
    assert_holds(&said.ok().stderr, &["a run by hand", "exit code 75", "is tried again at"]);
    assert_eq!((site.latest().number, listed(&site)["done"]["attempts"].as_u64()), (2, Some(1)));
}

#[test]
fn a_second_scheduler_ends_at_once() {
    let site = site(&run_at_as_of());
    let _held = WriterLock::take(&site.lake().join("schedule"), "another scheduler").expect("nobody holds it");
    assert_holds(&once(&site).failed(75), &["lake/schedule", "another scheduler"]);
    assert_eq!(site.latest().number, 1);
}

/// Starts a scheduler for ever, and waits until its run writes tables.
fn running(site: &Site) -> std::process::Child {
    let mut scheduler = site.start(&mut site.command(&["schedule"]));
    let writes = || fs::read_dir(site.lake().join("data")).is_ok_and(|runs| runs.count() > 1);
    wait(writes, || "the run writes nothing".to_owned());
    assert!(scheduler.try_wait().expect("a child").is_none(), "it goes on");
    scheduler
}

#[test]
fn a_scheduler_that_is_told_to_stop_tells_its_run() {
    let site = site(&run_at_as_of().replace("\"--as-of\"", "\"--full\", \"--as-of\""));
    let scheduler = running(&site);
    terminate(scheduler.id());
    let said: Said = scheduler.wait_with_output().expect("it ends").into();
    assert_holds(&said.ok().stderr, &["told to stop", "was stopped; it is run again"]);
    assert_eq!(site.latest().number, 1);
    assert_eq!(fs::read_dir(site.lake().join("data")).expect("a folder").count(), 1, "no draft is left");
    let open = listed(&site);
    assert_eq!((open["open"]["attempt"].as_u64(), open["open"]["retry_at"].is_null()), (Some(1), true));
    once(&site).ok();
    assert_eq!((site.latest().number, listed(&site)["done"]["attempts"].as_u64()), (2, Some(1)));
}

#[test]
fn a_scheduler_that_is_killed_is_gone_on_with() {
    let site = site(&run_at_as_of().replace("\"--as-of\"", "\"--full\", \"--as-of\""));
    let mut scheduler = running(&site);
    scheduler.kill().expect("it can be killed");
    scheduler.wait().expect("it ends");
    // Its run lives on and holds the lake; the next scheduler waits for that, and runs the time that nobody saw end.
    once(&site).ok();
    assert_eq!(listed(&site)["done"]["attempts"].as_u64(), Some(1));
    assert_eq!(site.latest().content_hash, sample::published().site.latest().content_hash);
    once(&site).ok();
    assert_eq!(site.latest().number, 3);
}

#[test]
fn what_cannot_be_meant_is_told_before_the_night() {
    let check = |config: &Table, says: &[&str]| {
        let site = Site::new(&config.to_string());
        assert_holds(&site.hachi(&["schedule", "--list"]).failed(3), says);
    };
    check(&with_job("command = [\"rum\"]"), &["`schedule.jobs.yearly.command` is `rum`", "unrecognized subcommand 'rum'"]);
    check(&with_job("command = [\"serve\"]"), &["a command that ends by itself"]);
    check(&with_job("command = [\"run\", \"--as-of\", \"{slt}\"]"), &["--as-of {slt}", "expected a time"]);
    check(&sample::config(), &["no `[schedule.jobs.…]` is configured"]);
    let site = Site::new(&with_job("command = [\"rum\"]").to_string());
    assert_holds(&site.hachi(&["check"]).failed(3), &["`schedule.jobs.yearly.command` is `rum`"]);
}

#[test]
fn what_is_remembered_and_damaged_is_not_guessed_at() {
    let site = site(&run_at_as_of());
    site.write("lake/schedule/state.json", "{\"format_version\": 1, \"jo");
    assert_holds(&once(&site).failed(1), &["state.json` is damaged", "remove it"]);
    site.write("lake/schedule/state.json", "{\"format_version\": 9}");
    assert_holds(&once(&site).failed(1), &["format version 9"]);
    assert_eq!(site.latest().number, 1);
}
