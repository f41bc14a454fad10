//! What a client can't do to the sidecar.

use crate::client::{get, send};
use crate::lake::TestLake;
use crate::sidecar::Sidecar;

fn sidecar() -> (TestLake, Sidecar) {
    let lake = TestLake::new();
    let sidecar = Sidecar::start(&lake);
    (lake, sidecar)
}

#[test]
fn without_a_snapshot_it_lives_but_is_not_ready() {
    let (lake, sidecar) = sidecar();
    assert_eq!(get(sidecar.addr, "/livez").status, 200);
    for target in ["/readyz", "/v1/users/ann/recommendations", "/v1/kpis"] {
        let answer = get(sidecar.addr, target);
        answer.problem(503);
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    lake.publish(1);
    sidecar.wait_for(1);
    assert_eq!(get(sidecar.addr, "/readyz").status, 200);
}

#[test]
fn connect_and_targets_without_a_path_are_refused() {
    let (_lake, sidecar) = sidecar();
    send(sidecar.addr, "CONNECT example.org:443 HTTP/1.1\r\n").problem(405);
    send(sidecar.addr, "OPTIONS * HTTP/1.1\r\n").problem(404);
    send(sidecar.addr, "GET http://example.org/nothing HTTP/1.1\r\n").problem(404);
    assert_eq!(get(sidecar.addr, "/livez").status, 200);
}

#[test]
fn too_much_is_refused_with_a_reason() {
    let (_lake, sidecar) = sidecar();
    get(sidecar.addr, &format!("/{}", "x".repeat(5_000))).problem(414);
    let many: String = (0..70).map(|at| format!("x-{at}: 1\r\n")).collect();
    send(sidecar.addr, &format!("GET /livez HTTP/1.1\r\n{many}")).problem(431);
    send(sidecar.addr, &format!("GET /livez HTTP/1.1\r\nx-long: {}\r\n", "x".repeat(17_000))).problem(431);
    send(sidecar.addr, "POST /livez HTTP/1.1\r\ncontent-length: 70000\r\n").problem(413);
    assert_eq!(get(sidecar.addr, "/livez").status, 200);
}

#[test]
fn far_too_much_is_cut() {
    let (_lake, sidecar) = sidecar();
    let answer = send(sidecar.addr, &format!("GET /livez HTTP/1.1\r\nx-long: {}\r\n", "x".repeat(40_000)));
    assert_eq!(answer.status, 431);
    let many: String = (0..200).map(|at| format!("x-{at}: 1\r\n")).collect();
    assert_eq!(send(sidecar.addr, &format!("GET /livez HTTP/1.1\r\n{many}")).status, 431);
}

#[test]
fn what_is_no_http_is_refused() {
    let (_lake, sidecar) = sidecar();
    assert_eq!(send(sidecar.addr, "NONSENSE\r\n").status, 400);
    assert_eq!(get(sidecar.addr, "/livez").status, 200);
}

#[test]
fn a_request_id_is_repeated_or_made() {
    let (_lake, sidecar) = sidecar();
    let answer = send(sidecar.addr, "GET /livez HTTP/1.1\r\nx-request-id: abc-1\r\n");
    assert_eq!(answer.header("x-request-id"), Some("abc-1"));
    assert!(get(sidecar.addr, "/livez").header("x-request-id").is_some());
}
