//! Who may ask for what, once tokens are asked for.

use serde_json::json;

use crate::client::{Answer, get, post, send};
use crate::lake::TestLake;
use crate::sidecar::Sidecar;
use crate::tokens::{self, OPERATOR, SITE, SLOW, member};

fn guarded() -> (TestLake, Sidecar) {
    let lake = TestLake::new();
    lake.publish(1);
    let mut options = Sidecar::options(&lake, Some(lake.key()));
    options.tokens = Some(tokens::file(&lake));
    options.cors = vec!["https://site.example".to_owned()];
    let sidecar = Sidecar::start_as(options);
    sidecar.wait("ready", || get(sidecar.addr, "/readyz").status == 200);
    (lake, sidecar)
}

fn with(sidecar: &Sidecar, token: &str, target: &str) -> Answer {
    send(sidecar.addr, &format!("GET {target} HTTP/1.1\r\nauthorization: Bearer {token}\r\n"))
}

#[test]
fn health_needs_no_token_and_everything_else_does() {
    let (_lake, sidecar) = guarded();
    for target in ["/livez", "/readyz", "/openapi.json"] {
        assert_eq!(get(sidecar.addr, target).status, 200, "{target}");
    }
    let needing = ["/status", "/metrics", "/v1/kpis", "/v1/retention?unit=month", "/v1/courses/popular", "/v1/users/ann/recommendations"];
    for target in needing {
        let refused = get(sidecar.addr, target);
        refused.problem(401);
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"), "{target}");
    }
    post(sidecar.addr, "/v1/recommendations", "", &json!({"recent": []})).problem(401);
    post(sidecar.addr, "/v1/impressions", "", &json!({"impressions": []})).problem(401);
}

#[test]
fn every_token_opens_its_own_doors() {
    let (_lake, sidecar) = guarded();
    let member = member("ann");
    let doors = [
        ("/v1/courses/popular", [200, 200, 200]),
        ("/v1/users/ann/recommendations", [200, 403, 200]),
        ("/v1/users/ann/courses", [200, 403, 200]),
        ("/v1/users/ann/profile", [200, 200, 200]),
        ("/v1/users/x/recommendations", [200, 403, 403]),
        ("/v1/users/x/profile", [404, 404, 403]),
        ("/v1/kpis", [200, 200, 403]),
        ("/status", [200, 200, 403]),
        ("/metrics", [200, 200, 403]),
    ];
    for (target, expected) in doors {
        assert_eq!([SITE, OPERATOR, &member].map(|token| with(&sidecar, token, target).status), expected, "{target}");
    }
}

#[test]
fn what_analysts_make_of_members_is_for_operators() {
    let (_lake, sidecar) = guarded();
    let profile = |token: &str| with(&sidecar, token, "/v1/users/ann/profile").json();
    assert_eq!(profile(OPERATOR)["profile"]["week_state"], "new");
    for token in [SITE, &member("ann")] {
        assert_eq!(profile(token)["profile"], json!({"plan": "pro"}));
        assert!(profile(token).get("segments").is_none());
    }
}

#[test]
fn keys_stand_beside_each_other_while_they_are_changed() {
    let (_lake, sidecar) = guarded();
    let old = tokens::hs256(&json!({"alg": "HS256", "kid": "old"}), &json!({"sub": "ann", "exp": tokens::in_seconds(60), "aud": "hachi"}));
    for token in [&old, &member("ann")] {
        assert_eq!(with(&sidecar, token, "/v1/users/ann/recommendations").json()["source"], "personal");
    }
}

#[test]
fn a_session_is_of_the_member_who_posts_it() {
    let (_lake, sidecar) = guarded();
    let post = |token: &str, body| post(sidecar.addr, "/v1/recommendations", &format!("authorization: Bearer {token}\r\n"), &body);
    let (ann, refusing) = (member("ann"), member("x"));
    assert_eq!(post(&ann, json!({"recent": ["c1"]})).json()["source"], "session");
    assert_eq!(post(&refusing, json!({"recent": ["c1"]})).json()["source"], "popular");
    post(&ann, json!({"recent": ["c1"], "user_id": "x"})).problem(403);
    assert_eq!(post(SITE, json!({"recent": ["c1"], "user_id": "x"})).json()["source"], "popular");
    post(OPERATOR, json!({"recent": ["c1"]})).problem(403);
}

#[test]
fn who_asks_too_often_is_told_when_to_come_back() {
    let (_lake, sidecar) = guarded();
    let answers: Vec<Answer> = (0..20).map(|_| with(&sidecar, SLOW, "/v1/courses/popular")).collect();
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap_or_else(|| panic!("{answers:?}"));
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(with(&sidecar, SITE, "/v1/courses/popular").status, 200);
}

#[test]
fn pages_of_listed_origins_may_ask_and_no_others() {
    let (_lake, sidecar) = guarded();
    let preflight = |origin: &str| {
        let asks = "access-control-request-method: POST\r\naccess-control-request-headers: authorization\r\n";
        send(sidecar.addr, &format!("OPTIONS /v1/impressions HTTP/1.1\r\norigin: {origin}\r\n{asks}"))
    };
    let allowed = preflight("https://site.example");
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (204, Some("https://site.example")));
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("authorization"));
    assert_eq!(allowed.header("vary"), Some("origin"));
    for origin in ["https://evil.example", "null", "https://site.example.evil.example", "http://site.example"] {
        let refused = preflight(origin);
        assert!(refused.status >= 400 && refused.header("access-control-allow-origin").is_none(), "{refused:?}");
    }
    let of = |origin: &str| {
        send(sidecar.addr, &format!("GET /v1/courses/popular HTTP/1.1\r\norigin: {origin}\r\nauthorization: Bearer {SITE}\r\n"))
    };
    assert_eq!(of("https://site.example").header("access-control-allow-origin"), Some("https://site.example"));
    let other = of("https://evil.example");
    assert_eq!((other.status, other.header("access-control-allow-origin"), other.header("vary")), (200, None, Some("origin")));
    // A page is told too why it was refused.
    let refused = send(sidecar.addr, "GET /v1/kpis HTTP/1.1\r\norigin: https://site.example\r\n");
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, Some("https://site.example")));
}
