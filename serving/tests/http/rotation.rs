//! Tokens and keys that are changed while the sidecar serves.

use serde_json::Value;

use crate::client::{get, with_token};
use crate::lake::TestLake;
use crate::process::{start_with, wait};
use crate::sidecar::Sidecar;
use crate::tokens::{self, OPERATOR, SITE, member, old_member};

const LIST: &str = "/v1/users/ann/recommendations";

fn operator() -> String {
    tokens::service("operator", OPERATOR, "")
}

/// A sidecar whose file holds an operator's token, and this.
fn started(text: &str) -> (TestLake, Sidecar) {
    Sidecar::guarded(|lake| tokens::write(lake, &(operator() + text)))
}

fn standing(sidecar: &Sidecar) -> Value {
    with_token(sidecar.addr, OPERATOR, "/status").json()["tokens"].clone()
}

fn metrics(sidecar: &Sidecar) -> String {
    with_token(sidecar.addr, OPERATOR, "/metrics").body
}

#[test]
fn a_changed_token_is_asked_for_without_a_restart() {
    let (lake, sidecar) = started(&tokens::service("site", SITE, ""));
    let is_known = |token: &str| with_token(sidecar.addr, token, LIST).status == 200;
    let before = standing(&sidecar);
    assert!(is_known(SITE) && !is_known("changed") && before["failure"].is_null());
    tokens::write(&lake, &(operator() + &tokens::service("site", "changed", "")));
    sidecar.wait("changed", || is_known("changed"));
    with_token(sidecar.addr, SITE, LIST).problem(401);
    assert!(standing(&sidecar)["read_at"].as_str() > before["read_at"].as_str());
}

#[test]
fn members_keys_are_changed_one_beside_the_other() {
    let (lake, sidecar) = started(&tokens::old_key());
    let (old, new) = (old_member("ann"), member("ann"));
    let statuses = || [&old, &new].map(|token| with_token(sidecar.addr, token, LIST).status);
    assert_eq!(statuses(), [200, 401]);
    tokens::write(&lake, &(operator() + &tokens::old_key() + &tokens::new_key()));
    sidecar.wait("both", || statuses() == [200, 200]);
    tokens::write(&lake, &(operator() + &tokens::new_key()));
    sidecar.wait("new", || statuses() == [401, 200]);
}

#[test]
fn a_file_that_can_not_be_used_leaves_the_old_tokens() {
    let (lake, sidecar) = started(&tokens::old_key());
    assert!(metrics(&sidecar).contains("hachi_tokens_failing 0"));
    let misplaced = "feed".repeat(16);
    for broken in [String::new(), format!("[[member_key]]\nid = 'new'\nalgorithm = '{misplaced}'\nkey = 'EdDSA'\n")] {
        tokens::write(&lake, &broken);
        sidecar.wait("failing", || !standing(&sidecar)["failure"].is_null());
        let reason = standing(&sidecar)["failure"].as_str().unwrap().to_owned();
        assert!(reason.contains("tokens.toml") && !reason.contains(&misplaced), "{reason}");
        assert!(metrics(&sidecar).contains("hachi_tokens_failing 1"));
        assert_eq!(with_token(sidecar.addr, &old_member("ann"), LIST).status, 200);
        tokens::write(&lake, &(operator() + &tokens::old_key()));
        sidecar.wait("well again", || standing(&sidecar)["failure"].is_null());
    }
    sidecar.wait("told so", || metrics(&sidecar).contains("hachi_tokens_failing 0"));
    std::fs::remove_file(lake.path().with_file_name("tokens.toml")).unwrap();
    sidecar.wait("failing", || standing(&sidecar)["failure"].as_str().is_some_and(|reason| reason.contains("could not read")));
    assert_eq!(with_token(sidecar.addr, &old_member("ann"), LIST).status, 200);
}

#[test]
fn where_nobody_is_asked_who_they_are_there_is_nothing_to_tell() {
    let lake = TestLake::new();
    let sidecar = Sidecar::start(&lake);
    let status = get(sidecar.addr, "/status").json();
    assert_eq!(status.get("tokens"), Some(&Value::Null), "{status}");
}

#[test]
fn sighup_reads_the_file_at_once() {
    let lake = TestLake::new();
    let file = tokens::write(&lake, &operator());
    // It looks by itself once an hour.
    let (process, addr) = start_with(&lake, &["--tokens", file.to_str().unwrap()]);
    assert_eq!(with_token(addr, OPERATOR, "/status").status, 200);
    tokens::write(&lake, &tokens::service("operator", "changed", ""));
    process.signal("HUP");
    wait(|| with_token(addr, "changed", "/status").status == 200);
    with_token(addr, OPERATOR, "/status").problem(401);
}
