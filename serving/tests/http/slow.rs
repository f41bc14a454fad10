//! Clients that take their time, each in another way: all are cut, and nobody else notices.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::{connect, get, parse};
use crate::lake::TestLake;
use crate::sidecar::Sidecar;

/// Between two bytes of a client that dawdles.
const STEP: Duration = Duration::from_millis(200);
/// Nobody is borne with for longer, with time for a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);

fn sidecar() -> (TestLake, Sidecar) {
    let lake = TestLake::new();
    lake.publish(1);
    let sidecar = Sidecar::ready(&lake);
    (lake, sidecar)
}

/// Writes a byte at a time until the server has closed; what it had answered by then.
fn dawdle(stream: &mut TcpStream) -> String {
    let (started, mut answered) = (Instant::now(), Vec::new());
    stream.set_read_timeout(Some(STEP)).unwrap();
    loop {
        assert!(started.elapsed() < PATIENCE, "not cut: {:?}", String::from_utf8_lossy(&answered));
        let _ = stream.write_all(b"x");
        let mut some = [0; 1024];
        match stream.read(&mut some) {
            Ok(0) => break,
            Ok(count) => answered.extend_from_slice(&some[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    String::from_utf8(answered).unwrap()
}

fn is_answered_meanwhile(sidecar: &Sidecar) {
    assert_eq!(get(sidecar.addr, "/v1/users/ann/recommendations").courses().len(), 10);
}

/// Only who asks now is connected.
fn is_gone(sidecar: &Sidecar) {
    sidecar.wait("rid of it", || get(sidecar.addr, "/metrics").body.contains("hachi_connections 1\n"));
}

#[test]
fn a_head_a_byte_at_a_time_is_cut() {
    let (_lake, sidecar) = sidecar();
    let mut stream = connect(sidecar.addr);
    stream.write_all(b"GET /livez HTTP/1.1\r\nx-slow: ").unwrap();
    is_answered_meanwhile(&sidecar);
    let answered = dawdle(&mut stream);
    assert!(!answered.contains(" 200 "), "{answered}");
    is_gone(&sidecar);
}

#[test]
fn a_head_that_never_comes_is_cut() {
    let (_lake, sidecar) = sidecar();
    let mut silent = connect(sidecar.addr);
    let mut halfway = connect(sidecar.addr);
    halfway.write_all(b"GET /livez HTTP/1.1\r\nhost:").unwrap();
    is_answered_meanwhile(&sidecar);
    for stream in [&mut silent, &mut halfway] {
        let mut answered = Vec::new();
        let _ = stream.read_to_end(&mut answered);
        assert!(!String::from_utf8_lossy(&answered).contains(" 200 "));
    }
    is_gone(&sidecar);
}

#[test]
fn a_body_a_byte_at_a_time_is_cut() {
    let (_lake, sidecar) = sidecar();
    let mut stream = connect(sidecar.addr);
    let head = "POST /v1/recommendations HTTP/1.1\r\nhost: sidecar\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    is_answered_meanwhile(&sidecar);
    parse(&dawdle(&mut stream)).problem(503);
    is_gone(&sidecar);
}

#[test]
fn who_asks_and_does_not_read_is_cut() {
    let (_lake, sidecar) = sidecar();
    let mut stream = connect(sidecar.addr);
    stream.set_write_timeout(Some(STEP)).unwrap();
    // Far more than the system keeps for a connection, so that the sidecar has to wait.
    let request = b"GET /openapi.json HTTP/1.1\r\nhost: sidecar\r\n\r\n".repeat(1_000);
    while stream.write_all(&request).is_ok() {}
    is_answered_meanwhile(&sidecar);
    is_gone(&sidecar);
}
