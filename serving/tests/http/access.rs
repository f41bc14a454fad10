//! Who may ask for what, once tokens are asked for.

use serde_json::json;

use crate::client::{Answer, get, post, send, with_token as with};
use crate::lake::TestLake;
use crate::sidecar::Sidecar;
use crate::tokens::{self, OPERATOR, SITE, SLOW, member};

#[test]
fn health_needs_no_token_and_everything_else_does() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
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
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
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
        assert_eq!([SITE, OPERATOR, &member].map(|token| with(sidecar.addr, token, target).status), expected, "{target}");
    }
}

#[test]
fn what_analysts_make_of_members_is_for_operators() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    let profile = |token: &str| with(sidecar.addr, token, "/v1/users/ann/profile").json();
    assert_eq!(profile(OPERATOR)["profile"]["week_state"], "new");
    for token in [SITE, &member("ann")] {
        assert_eq!(profile(token)["profile"], json!({"plan": "pro"}));
        assert!(profile(token).get("segments").is_none());
    }
}

#[test]
fn keys_stand_beside_each_other_while_they_are_changed() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    for token in [tokens::old_member("ann"), member("ann")] {
        assert_eq!(with(sidecar.addr, &token, "/v1/users/ann/recommendations").json()["source"], "personal");
    }
}

#[test]
fn a_session_is_of_the_member_who_posts_it() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
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
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    let answers: Vec<Answer> = (0..20).map(|_| with(sidecar.addr, SLOW, "/v1/courses/popular")).collect();
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap_or_else(|| panic!("{answers:?}"));
    refused.problem(429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(with(sidecar.addr, SITE, "/v1/courses/popular").status, 200);
}

#[test]
fn visitors_get_the_lists_that_are_the_same_for_everybody_where_the_file_says_so() {
    let visited = |lake: &TestLake| tokens::write(lake, &(tokens::service("site", SITE, "") + "[visitors]\nrequests_per_second = 6\n"));
    let (_lake, sidecar) = Sidecar::guarded(visited);
    for target in ["/v1/courses/popular", "/v1/courses/trending", "/v1/courses/latest", "/v1/courses/c1/similar"] {
        assert_eq!(get(sidecar.addr, target).status, 200, "{target}");
    }
    for target in ["/status", "/metrics", "/v1/kpis", "/v1/users/ann/recommendations", "/v1/users/ann/courses", "/v1/users/ann/profile"] {
        get(sidecar.addr, target).problem(401);
    }
    post(sidecar.addr, "/v1/recommendations", "", &json!({"recent": []})).problem(401);
    // A token that can't be trusted is not taken for none.
    with(sidecar.addr, "wrong", "/v1/courses/popular").problem(401);
    let paced = refusal_among(|| get(sidecar.addr, "/v1/courses/popular"));
    assert_eq!(paced.header("retry-after"), Some("1"));
    assert_eq!(with(sidecar.addr, SITE, "/v1/courses/popular").status, 200);
}

/// Asks until it is too often.
fn refusal_among(ask: impl Fn() -> Answer) -> Answer {
    let refused = (0..2_000).map(|_| ask()).find(|answer| answer.status == 429).unwrap();
    refused.problem(429);
    refused
}

#[test]
fn who_guesses_is_held_up_and_holds_up_nobody_with_a_token() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    let forged = member("ann") + "A";
    refusal_among(|| with(sidecar.addr, "guess", "/v1/kpis"));
    refusal_among(|| with(sidecar.addr, &forged, "/v1/users/ann/recommendations"));
    assert_eq!(refusal_among(|| get(sidecar.addr, "/v1/kpis")).header("retry-after"), Some("1"));
    for (token, target) in [(SITE, "/v1/kpis"), (OPERATOR, "/status"), (&*member("ann"), "/v1/users/ann/recommendations")] {
        assert_eq!(with(sidecar.addr, token, target).status, 200, "{target}");
    }
    for target in ["/livez", "/readyz", "/embed.js"] {
        assert_eq!(get(sidecar.addr, target).status, 200, "{target}");
    }
}

#[test]
fn pages_of_listed_origins_may_ask_and_no_others() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
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
