//! Machines that share a store: what one publishes the others read, go on with, and change.

use serde_json::json;

use super::faults::Plan;
use super::server::{SECRET, Server};
use super::{DAYS, LAKE, Machine, run, seen};
use crate::files;
use crate::programs::{Said, assert_holds};
use crate::rows::RATINGS;
use crate::site::Site;
use crate::torture::is_full;

/// Runs while requests fail, and how often they do.
const RUNS: u64 = 6;
const ALL_RUNS: u64 = 200;
const SHARE: f64 = 0.04;

/// The same site without a store, published twice, every table.
fn local(machine: &Machine<'_>) -> Site {
    let site = Site::new(RATINGS);
    ["raw", "home"].iter().for_each(|name| files::copy(&machine.site.path(name), &site.path(name)));
    DAYS.iter().for_each(|day| drop(site.hachi(&["run", "--as-of", day]).ok()));
    site
}

#[test]
fn a_second_machine_goes_on_where_the_first_was() {
    let server = Server::start();
    let first = Machine::new(&server);
    first.hachi(&["run", "--as-of", DAYS[0]]).ok();
    let one = seen(&server).expect("a snapshot");
    assert_eq!((one.number, one.parent), (1, None));
    let second = first.another();
    second.hachi(&["run", "--as-of", DAYS[1]]).ok();
    let two = seen(&server).expect("a snapshot");
    assert_eq!((two.number, two.parent), (2, Some(1)));

    let alone = local(&first);
    assert_eq!(two.content_hash, alone.latest().content_hash);
    let sql = "select * from ratings order by user_id, course_id";
    let third = first.another();
    let rows = third.hachi(&["sql", "--json", sql]).ok().json();
    assert_eq!(rows, alone.hachi(&["sql", "--json", sql]).ok().json());
    // The first goes on as well, although another has published meanwhile.
    first.run(DAYS[1]).ok();
    assert_eq!(seen(&server).map(|latest| (latest.number, latest.parent)), Some((3, Some(2))));
}

#[test]
fn all_that_reads_a_lake_reads_a_store() {
    let server = Server::start();
    let first = Machine::new(&server);
    DAYS.iter().for_each(|day| drop(first.run(day).ok()));
    let fresh = || first.another();
    let listed = fresh().hachi(&["snapshots", "--json"]).ok().json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    fresh().hachi(&["verify", "--all"]).ok();
    assert_holds(&fresh().hachi(&["diff", "1", "2"]).ok().stdout, &["1", "2"]);
    assert!(fresh().hachi(&["files", "ratings"]).ok().stdout.lines().count() > 0);
    let said = fresh().hachi(&["audit", "--verify"]).ok().stdout;
    assert_holds(&said, &["4 entries follow each other"]);
}

#[test]
fn all_that_changes_a_lake_changes_a_store() {
    let server = Server::start();
    let first = Machine::new(&server);
    DAYS.iter().for_each(|day| drop(first.run(day).ok()));
    let one = seen(&server).expect("a snapshot");
    let back = first.another().hachi(&["rollback", "1", "--json"]).ok().json();
    assert_eq!((&back["number"], &back["parent"], &back["rolled_back_to"]), (&json!(3), &json!(2), &json!(1)));
    let back = seen(&server).expect("a snapshot");
    assert_eq!((back.number, back.rolled_back_to), (3, Some(1)));
    assert!(back.number > one.number);
    first.another().hachi(&["gc"]).ok();
    assert_eq!(seen(&server).map(|latest| latest.number), Some(3));

    first.another().hachi(&["forget", "ana"]).ok();
    let after = seen(&server).expect("a snapshot");
    let left = files::below(&server.bucket().join(LAKE).join("manifests"));
    assert!(after.number == 4 && left.len() == 1, "{left:?}");
    let fresh = first.another();
    let rows = fresh.hachi(&["sql", "--json", "select count(*) as ratings from ratings"]).ok().json();
    assert_eq!(rows, json!([{"ratings": 1}]));
    fresh.hachi(&["audit", "--verify"]).ok();
    // Whoever has the raw files brings nobody back.
    first.run(DAYS[1]).ok();
    let rows = fresh.hachi(&["sql", "--json", "select count(*) as ratings from ratings"]).ok().json();
    assert_eq!(rows, json!([{"ratings": 1}]));
}

#[test]
fn a_store_that_takes_no_notice_of_conditions_is_refused() {
    let server = Server::forgetful();
    let machine = Machine::new(&server);
    let said = machine.run(DAYS[0]).failed(3);
    assert_holds(&said, &["s3://school/lake"]);
    assert!(!server.bucket().join(LAKE).join("manifests").exists(), "something was published");
}

#[test]
fn a_wrong_secret_is_refused_and_not_told() {
    let server = Server::start();
    let machine = Machine::new(&server);
    let wrong = "wr0ng-but-a-secret";
    let mut command = machine.command(&run(DAYS[0]));
    let said = Said::from(command.env("AWS_SECRET_ACCESS_KEY", wrong).output().expect("a program that starts"));
    assert!(!said.stdout.contains(wrong) && !said.stderr.contains(wrong), "{said:?}");
    assert_holds(&said.failed(1), &["s3://school/lake", "AWS_*", "SignatureDoesNotMatch"]);
    assert!(seen(&server).is_none(), "something was published");
}

/// As `s3::publications` does with commits alone: whole runs, while now and then a request fails.
#[test]
fn a_run_that_says_so_has_published_and_any_other_has_not_torn_anything() {
    let server = Server::start();
    let machine = Machine::new(&server);
    machine.run(DAYS[0]).ok();
    let (mut published, mut failed) = (0, 0);
    for seed in 0..if is_full() { ALL_RUNS } else { RUNS } {
        let before = seen(&server).expect("a snapshot");
        let next = machine.another();
        server.plan(Plan::Sometimes(SHARE, seed));
        let mut command = next.command(&run(DAYS[1]));
        let said = Said::from(command.env("AWS_TIMEOUT", "2s").output().expect("a program that starts"));
        server.plan(Plan::Never);
        assert!(!said.stdout.contains(SECRET) && !said.stderr.contains(SECRET) && !said.stderr.contains("panicked"), "{said:?}");
        let now = seen(&server).expect("a snapshot");
        assert!(now == before || now.parent == Some(before.number), "neither old nor new: {said:?}");
        assert!(said.code != Some(0) || now != before, "it says that it published: {said:?}");
        *if said.code == Some(0) { &mut published } else { &mut failed } += 1;
        next.run(DAYS[1]).ok();
    }
    println!("whole runs, a fault in {SHARE} of the requests: {published} published, {failed} failed");
    machine.another().hachi(&["verify", "--all"]).ok();
    machine.another().hachi(&["audit", "--verify"]).ok();
}

#[test]
fn a_damaged_object_is_noticed() {
    let server = Server::start();
    let machine = Machine::new(&server);
    machine.run(DAYS[0]).ok();
    let file = seen(&server).expect("a snapshot").tables[0].files[0].path.clone();
    let path = server.bucket().join(LAKE).join(&file);
    let mut bytes = std::fs::read(&path).expect("an object");
    bytes[10] ^= 1;
    std::fs::write(&path, bytes).expect("a writable object");
    let said = machine.another().hachi(&["verify"]);
    assert_holds(&said.stdout, &[&file]);
    assert_holds(&said.failed(6), &["1 damage"]);
}
