//! Requests that no honest client sends. Each is refused with the right status, and the sidecar still answers.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::client::{connect, get, parse, post, send};
use crate::sidecar::Sidecar;
use crate::tokens::{self, OPERATOR, SITE, in_seconds};

fn still_answers(sidecar: &Sidecar) {
    let answer = send(sidecar.addr, &format!("GET /v1/users/ann/recommendations HTTP/1.1\r\nauthorization: Bearer {SITE}\r\n"));
    assert_eq!(answer.json()["source"], "personal");
}

/// Sends these bytes as they are; none where the connection was closed without an answer.
fn raw(sidecar: &Sidecar, bytes: &[u8]) -> Option<u16> {
    let mut stream = connect(sidecar.addr);
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    (!text.is_empty()).then(|| parse(&text).status)
}

#[test]
fn paths_lead_nowhere_but_to_routes() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    for target in [
        "/../../etc/passwd",
        "/v1/../../../etc/passwd",
        "/v1/courses/..%2f..%2fetc%2fpasswd/similar",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/courses/%00/similar",
        "/v1/users/%c0%ae%c0%ae/recommendations",
        "/v1//users/ann/recommendations",
        "/V1/users/ann/recommendations",
        "/v1/users/ann%0d%0aset-cookie:%20a=b/profile",
        "//evil.example/v1/kpis",
        "/v1/kpis/..%2fpopular",
    ] {
        let answer = send(sidecar.addr, &format!("GET {target} HTTP/1.1\r\nauthorization: Bearer {SITE}\r\n"));
        assert!((400..500).contains(&answer.status), "{target}: {answer:?}");
        assert!(answer.header("set-cookie").is_none() && !answer.body.contains("root:"), "{target}: {answer:?}");
    }
    still_answers(&sidecar);
}

#[test]
fn lines_can_not_be_smuggled_into_headers() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    let answer = send(sidecar.addr, "GET /livez HTTP/1.1\r\nx-request-id: a\r\nset-cookie: b=c\r\n");
    assert!(answer.header("set-cookie").is_none());
    for bytes in [
        "GET /livez HTTP/1.1\r\nx-request-id: a\rset-cookie: b\r\nhost: x\r\nconnection: close\r\n\r\n",
        "GET /livez HTTP/1.1\r\nx-request-id: a\0b\r\nhost: x\r\nconnection: close\r\n\r\n",
        "GET /livez\x0b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ] {
        assert_eq!(raw(&sidecar, bytes.as_bytes()), Some(400), "{bytes:?}");
    }
    still_answers(&sidecar);
}

#[test]
fn requests_can_not_be_hidden_in_others() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    let hidden = "GET /v1/kpis HTTP/1.1\r\nhost: x\r\n\r\n";
    let head = format!(
        "POST /v1/recommendations HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {SITE}\r\ncontent-type: application/json\r\n"
    );
    for more in [
        format!("content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"),
        format!("content-length: 2\r\ncontent-length: 4\r\n\r\n{{}}{hidden}"),
        format!("content-length: 2, 4\r\n\r\n{{}}{hidden}"),
        format!("content-length: +2\r\n\r\n{{}}{hidden}"),
        format!("transfer-encoding: gzip, identity\r\n\r\n{hidden}"),
        format!("x-folded: a\r\n content-length: 2\r\n\r\n{hidden}"),
        format!("content-length : 2\r\n\r\n{{}}{hidden}"),
        format!("transfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n{hidden}"),
    ] {
        let status = raw(&sidecar, format!("{head}{more}").as_bytes());
        assert!(status.is_none_or(|status| (400..500).contains(&status)), "{more:?}: {status:?}");
    }
    still_answers(&sidecar);
}

#[test]
fn a_body_of_unknown_length_is_not_read() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    let head = format!("POST /v1/recommendations HTTP/1.1\r\nauthorization: Bearer {SITE}\r\ntransfer-encoding: chunked\r\n");
    send(sidecar.addr, &head).problem(411);
    still_answers(&sidecar);
}

#[test]
fn tunnels_and_odd_methods_are_refused() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    send(sidecar.addr, "CONNECT example.org:443 HTTP/1.1\r\n").problem(405);
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "X"] {
        send(sidecar.addr, &format!("{method} /v1/kpis HTTP/1.1\r\ncontent-length: 0\r\n")).problem(405);
        send(sidecar.addr, &format!("{method} /v1/impressions HTTP/1.1\r\ncontent-length: 0\r\n")).problem(405);
    }
    let get = send(sidecar.addr, "GET /v1/recommendations HTTP/1.1\r\n");
    get.problem(405);
    assert_eq!(get.header("allow"), Some("POST"));
    still_answers(&sidecar);
}

#[test]
fn forged_tokens_open_nothing() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    let claims = json!({"sub": "ann", "exp": in_seconds(600)});
    let ed = json!({"alg": "EdDSA", "kid": "new"});
    let with = |more: Value| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    let good = tokens::ed25519(&ed, &claims);
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other = tokens::message(&ed, &with(json!({"sub": "x"})));
    let forged = [
        ("none", format!("{}.", tokens::message(&json!({"alg": "none", "kid": "new"}), &claims))),
        ("None", format!("{}.", tokens::message(&json!({"alg": "None"}), &claims))),
        ("unsigned", format!("{message}.")),
        ("two parts", message.to_owned()),
        ("another's signature", format!("{other}.{signature}")),
        ("public key as secret", tokens::signed_with(&tokens::public_key(), &json!({"alg": "HS256", "kid": "new"}), &claims)),
        ("public key as secret, EdDSA", tokens::signed_with(&tokens::public_key(), &ed, &claims)),
        ("other algorithm", tokens::hs256(&json!({"alg": "HS512", "kid": "old"}), &claims)),
        ("wrong key", tokens::signed_with(&[9; 32], &json!({"alg": "HS256", "kid": "old"}), &claims)),
        ("wrong kid", tokens::ed25519(&json!({"alg": "EdDSA", "kid": "old"}), &claims)),
        ("unknown kid", tokens::ed25519(&json!({"alg": "EdDSA", "kid": "../new"}), &claims)),
        ("no kid", tokens::ed25519(&json!({"alg": "EdDSA"}), &claims)),
        ("crit", tokens::ed25519(&json!({"alg": "EdDSA", "kid": "new", "crit": ["b64"]}), &claims)),
        ("expired", tokens::ed25519(&ed, &with(json!({"exp": in_seconds(-60)})))),
        ("for ever", tokens::ed25519(&ed, &with(json!({"exp": in_seconds(13 * 3600)})))),
        ("beyond time", tokens::ed25519(&ed, &with(json!({"exp": u64::MAX})))),
        ("no end", tokens::ed25519(&ed, &json!({"sub": "ann"}))),
        ("not yet", tokens::ed25519(&ed, &with(json!({"nbf": in_seconds(300)})))),
        ("other audience", tokens::ed25519(&ed, &with(json!({"aud": "shop"})))),
        ("nobody", tokens::ed25519(&ed, &with(json!({"sub": ""})))),
        ("no text", tokens::ed25519(&ed, &with(json!({"sub": 7})))),
        ("not base64", "a.b.c".to_owned()),
        ("dots", "...".to_owned()),
        ("hash of a token", "0".repeat(64)),
    ];
    for (what, token) in &forged {
        let refused = send(sidecar.addr, &format!("GET /v1/users/ann/recommendations HTTP/1.1\r\nauthorization: Bearer {token}\r\n"));
        assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{what}: {refused:?}");
        refused.problem(401);
    }
    let of_another = tokens::member("x");
    send(sidecar.addr, &format!("GET /v1/users/ann/recommendations HTTP/1.1\r\nauthorization: Bearer {of_another}\r\n")).problem(403);
    send(sidecar.addr, &format!("GET /v1/kpis HTTP/1.1\r\nauthorization: Bearer {good}\r\n")).problem(403);
    send(sidecar.addr, &format!("GET /v1/users/ann/courses HTTP/1.1\r\nauthorization: Bearer {OPERATOR}\r\n")).problem(403);
    still_answers(&sidecar);
}

#[test]
fn tokens_belong_into_one_header_alone() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    get(sidecar.addr, &format!("/v1/kpis?access_token={SITE}")).problem(401);
    let twice = format!("GET /v1/kpis HTTP/1.1\r\nauthorization: Bearer {SITE}\r\nauthorization: Bearer {OPERATOR}\r\n");
    send(sidecar.addr, &twice).problem(400);
    for wrong in ["Basic c2l0ZTpzaXRl", "Bearer", "bearer\t", "token x"] {
        send(sidecar.addr, &format!("GET /livez HTTP/1.1\r\nauthorization: {wrong}\r\n")).problem(401);
    }
    send(sidecar.addr, &format!("GET /v1/kpis HTTP/1.1\r\ncookie: token={SITE}\r\n")).problem(401);
    still_answers(&sidecar);
}

#[test]
fn bodies_that_are_not_what_they_should_be_are_refused() {
    let (_lake, sidecar) = Sidecar::guarded(tokens::file);
    let authorised = format!("authorization: Bearer {SITE}\r\n");
    let ask = |body: &str| {
        let head =
            format!("POST /v1/recommendations HTTP/1.1\r\nhost: x\r\n{authorised}content-type: application/json\r\nconnection: close\r\n");
        raw(&sidecar, format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes())
    };
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "{\"recent\":null}",
        "{\"recent\":[1]}",
        "{\"recent\":[],\"limit\":0}",
        "{\"recent\":[],\"limit\":-1}",
        "{\"recent\":[],\"limit\":1e99}",
        "{\"recent\":[],\"more\":1}",
        "{\"recent\":[],\"recent\":[]}",
        "{\"recent\":[]} x",
        "{\"recent\":[\"\\ud800\"]}",
    ] {
        assert_eq!(ask(body), Some(400), "{body}");
    }
    let deep = format!("{{\"recent\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    assert_eq!(ask(&deep), Some(400));
    let many = json!({"recent": vec!["c1"; 201]}).to_string();
    assert_eq!(ask(&many), Some(400));
    let unsaid = format!(
        "POST /v1/recommendations HTTP/1.1\r\nhost: x\r\n{authorised}connection: close\r\ncontent-length: 13\r\n\r\n{{\"recent\":[]}}"
    );
    assert_eq!(raw(&sidecar, unsaid.as_bytes()), Some(415));
    let simple = format!("{authorised}content-type: text/plain\r\n");
    assert_eq!(post(sidecar.addr, "/v1/impressions", &simple, &json!({})).status, 404);
    still_answers(&sidecar);
}
