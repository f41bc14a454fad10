//! New snapshots, good and bad, while requests are being answered.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::client::get;
use crate::lake::{Damage, TestLake};
use crate::sidecar::Sidecar;

const TARGET: &str = "/v1/users/ann/recommendations?limit=25";
/// Snapshots that follow each other while clients ask.
const SWAPS: u64 = 5;
/// The same with `HACHI_TORTURE=full`.
const SWAPS_FULL: u64 = 3_000;

/// Every title says its snapshot: all must say the one that the body names.
fn check_one_snapshot(sidecar: &Sidecar) -> u64 {
    let answer = get(sidecar.addr, TARGET);
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    let number = json["snapshot"]["number"].as_u64().unwrap();
    let items = json["items"].as_array().unwrap();
    assert_eq!(items.len(), 25);
    assert!(items.iter().all(|item| item["title"] == format!("snapshot {number}")), "mixed: {answer:?}");
    number
}

#[expect(clippy::disallowed_methods, reason = "how much is tried is said by the environment")]
fn swaps() -> u64 {
    if std::env::var("HACHI_TORTURE").is_ok_and(|value| value == "full") { SWAPS_FULL } else { SWAPS }
}

#[test]
fn a_swap_fails_no_request_and_mixes_no_answer() {
    let lake = TestLake::new();
    lake.publish(1);
    let sidecar = Sidecar::ready(&lake);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let ask = || {
            let mut asked = 0_u64;
            let mut newest = 0;
            while !over.load(Ordering::Relaxed) {
                let number = check_one_snapshot(&sidecar);
                assert!(number >= newest, "went back from {newest} to {number}");
                (asked, newest) = (asked + 1, number);
            }
            asked
        };
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        for number in 2..=swaps() + 1 {
            lake.publish(number);
            sidecar.wait_for(number);
            lake.let_go(number - 1);
        }
        over.store(true, Ordering::Relaxed);
        let asked: Vec<u64> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        assert!(asked.iter().all(|asked| *asked > 5));
        println!("{} swaps under {} requests, none failed, none mixed", swaps(), asked.iter().sum::<u64>());
    });
    assert_eq!(check_one_snapshot(&sidecar), swaps() + 1);
}

#[test]
fn a_snapshot_of_another_key_is_not_served() {
    let lake = TestLake::new();
    lake.publish(1);
    let sidecar = Sidecar::ready(&lake);
    lake.publish_with(2, Damage::OtherKey);
    sidecar.wait("failing", || get(sidecar.addr, "/status").json()["reload"]["failure"]["number"] == 2);
    let status = get(sidecar.addr, "/status").json();
    assert!(status["reload"]["failure"]["reason"].as_str().unwrap().contains("another pseudonym key"), "{status}");
    assert_eq!(check_one_snapshot(&sidecar), 1);
}

#[test]
fn a_damaged_snapshot_never_replaces_a_good_one() {
    let lake = TestLake::new();
    lake.publish(1);
    let sidecar = Sidecar::ready(&lake);
    lake.publish_with(2, Damage::OneByte);
    sidecar.wait("failing", || get(sidecar.addr, "/status").json()["reload"]["failure"]["number"] == 2);
    let status = get(sidecar.addr, "/status").json();
    let reason = status["reload"]["failure"]["reason"].as_str().unwrap();
    assert!(reason.contains("serve/run-2/serve.redb") && reason.contains("hashes to"), "{reason}");
    assert_eq!((&status["snapshot"]["number"], &status["ready"]), (&1.into(), &true.into()));
    assert_eq!(check_one_snapshot(&sidecar), 1);
    let metrics = get(sidecar.addr, "/metrics").body;
    assert!(metrics.contains("hachi_snapshot_activations_total{result=\"failure\"} 1"), "{metrics}");
    assert!(metrics.contains("hachi_reload_failing 1"), "{metrics}");

    lake.publish(3);
    sidecar.wait_for(3);
    sidecar.wait("clear", || get(sidecar.addr, "/status").json()["reload"]["failure"].is_null());
    assert!(get(sidecar.addr, "/metrics").body.contains("hachi_reload_failing 0"));
}

#[test]
fn a_torn_manifest_is_reported_and_stepped_over() {
    let lake = TestLake::new();
    lake.publish(1);
    let sidecar = Sidecar::ready(&lake);
    lake.tear(2);
    sidecar.wait("failing", || get(sidecar.addr, "/status").json()["reload"]["failure"]["number"] == 2);
    assert_eq!(check_one_snapshot(&sidecar), 1);
    lake.publish(3);
    sidecar.wait_for(3);
    sidecar.wait("clear", || get(sidecar.addr, "/status").json()["reload"]["failure"].is_null());
}

#[test]
fn at_the_start_the_last_good_snapshot_is_served() {
    let lake = TestLake::new();
    lake.publish(1);
    lake.publish_with(2, Damage::OneByte);
    let sidecar = Sidecar::ready(&lake);
    assert_eq!(check_one_snapshot(&sidecar), 1);
    assert_eq!(get(sidecar.addr, "/status").json()["reload"]["failure"]["number"], 2);
}
