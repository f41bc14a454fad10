//! Impressions: what was acknowledged is on the disk, whatever happens then.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::client::{get, post, try_post};
use crate::lake::TestLake;
use crate::process;
use crate::sidecar::Sidecar;

const CLIENTS: usize = 8;
const ACKNOWLEDGED_MIN: usize = 200;

fn keeping(folder: &Path) -> (TestLake, Sidecar) {
    let lake = TestLake::new();
    let mut options = Sidecar::options(&lake, Some(lake.key()));
    options.feedback = Some(folder.to_owned());
    let sidecar = Sidecar::start_as(options);
    (lake, sidecar)
}

/// All whole rows of all files.
fn rows(folder: &Path) -> Vec<Value> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let whole = |text: String| text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::to_owned).collect::<Vec<_>>();
    files.flat_map(whole).map(|line| serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn impression(rank: usize) -> Value {
    json!({"recommendation_id": "r1", "course_id": "c/0 ü", "rank": rank, "source": "ials"})
}

#[test]
fn what_is_accepted_is_kept_as_the_pipeline_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_lake, sidecar) = keeping(folder.path());
    let mut clicked = impression(2);
    clicked["clicked"] = true.into();
    let answer = post(sidecar.addr, "/v1/impressions", "", &json!({"user_id": "团队/李 雷", "impressions": [impression(1), clicked]}));
    assert_eq!((answer.status, answer.json()), (202, json!({"accepted": 2})), "{answer:?}");
    let rows = rows(folder.path());
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row["user_id"].as_str().unwrap(), row["rank"].as_u64().unwrap(), row["clicked"].as_bool().unwrap()))
        .collect();
    assert_eq!(told, [("团队/李 雷", 1, false), ("团队/李 雷", 2, true)]);
    assert!(get(sidecar.addr, "/metrics").body.contains("hachi_impressions_total 2"));
}

#[test]
fn what_can_not_be_used_is_refused_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (_lake, sidecar) = keeping(folder.path());
    let refused = |body: Value| post(sidecar.addr, "/v1/impressions", "", &body).problem(400);
    assert_eq!(refused(json!({"impressions": [impression(1)]})), "`user_id` is missing");
    assert!(refused(json!({"user_id": "ann", "impressions": [impression(1), impression(0)]})).contains("`rank`"));
    assert!(refused(json!({"user_id": "ann", "impressions": []})).contains("1 to 500"));
    assert!(refused(json!({"user_id": "ann", "impressions": [{"rank": 1}]})).contains("missing field"));
    assert!(rows(folder.path()).is_empty());
}

#[test]
fn a_full_folder_refuses_and_removes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("impressions-2020-01-01-0001.jsonl"), vec![b'\n'; 1 << 20]).unwrap();
    let (_lake, sidecar) = keeping(folder.path());
    let body = json!({"user_id": "ann", "impressions": [impression(1)]});
    post(sidecar.addr, "/v1/impressions", "", &body).problem(507);
    std::fs::remove_file(folder.path().join("impressions-2020-01-01-0001.jsonl")).unwrap();
    assert_eq!(post(sidecar.addr, "/v1/impressions", "", &body).status, 202);
}

#[test]
fn without_a_folder_none_are_taken() {
    let lake = TestLake::new();
    let sidecar = Sidecar::start(&lake);
    let refused = post(sidecar.addr, "/v1/impressions", "", &json!({"user_id": "ann", "impressions": [impression(1)]})).problem(404);
    assert!(refused.contains("--feedback"), "{refused}");
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let lake = TestLake::new();
    let key = lake.key();
    let more = ["--feedback", folder.path().to_str().unwrap(), "--pseudonym-key", key.to_str().unwrap()];
    let (mut process, addr) = process::start_with(&lake, &more);
    let (next, acknowledged, killed) = (AtomicUsize::new(1), AtomicUsize::new(0), AtomicBool::new(false));
    let told: HashSet<String> = std::thread::scope(|scope| {
        let ask = || {
            let mut told = Vec::new();
            while !killed.load(Ordering::Relaxed) {
                let name = format!("row-{}", next.fetch_add(1, Ordering::Relaxed));
                let row = json!({"recommendation_id": name, "course_id": "c", "rank": 1, "source": "ials"});
                let answer = try_post(addr, "/v1/impressions", &json!({"user_id": "ann", "impressions": [row]}));
                if answer.is_some_and(|answer| answer.status == 202) {
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                    told.push(name);
                }
            }
            told
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        process::wait(|| acknowledged.load(Ordering::Relaxed) >= ACKNOWLEDGED_MIN);
        process.kill();
        killed.store(true, Ordering::Relaxed);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let kept: HashSet<String> = rows(folder.path()).iter().map(|row| row["recommendation_id"].as_str().unwrap().to_owned()).collect();
    assert!(told.len() >= ACKNOWLEDGED_MIN && told.is_subset(&kept), "{} of {} are lost", told.difference(&kept).count(), told.len());
}
