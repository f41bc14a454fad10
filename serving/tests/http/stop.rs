//! Being told to stop: it is not ready any more, finishes what is under way, lets nobody hold it up, and ends well.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::client::{connect, get, parse};
use crate::lake::TestLake;
use crate::process::{Process, start_with, wait};
use crate::sidecar::Sidecar;

const BODY: &str = r#"{"recent":["c4"],"limit":3}"#;

fn ready() -> (TestLake, Process, SocketAddr) {
    let lake = TestLake::new();
    lake.publish(1);
    let (process, addr) = start_with(&lake, &[]);
    wait(|| get(addr, "/readyz").status == 200);
    (lake, process, addr)
}

/// A connection that was answered, and is kept open.
fn idle(addr: SocketAddr) -> TcpStream {
    let mut stream = connect(addr);
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: sidecar\r\n\r\n").unwrap();
    stream.read_exact(&mut [0; 16]).unwrap();
    stream
}

/// A request of which half has been sent.
fn begun(addr: SocketAddr) -> TcpStream {
    let mut stream = connect(addr);
    let head = "POST /v1/recommendations HTTP/1.1\r\nhost: sidecar\r\ncontent-type: application/json\r\n";
    stream.write_all(format!("{head}content-length: {}\r\n\r\n{}", BODY.len(), &BODY[..9]).as_bytes()).unwrap();
    wait(|| get(addr, "/metrics").body.contains("hachi_http_requests_in_flight 2\n"));
    stream
}

fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn sigterm_finishes_what_is_under_way_and_tells_proxies() {
    let (_lake, mut process, addr) = ready();
    let mut keeping: Vec<TcpStream> = (0..3).map(|_| idle(addr)).collect();
    let mut asking = begun(addr);
    process.signal("TERM");
    wait(|| get(addr, "/readyz").status == 503);
    assert_eq!(get(addr, "/readyz").problem(503), "the sidecar is stopping");
    assert_eq!(get(addr, "/v1/users/ann/recommendations").status, 200);
    asking.write_all(&BODY.as_bytes()[9..]).unwrap();
    let answer = parse(&rest(&mut asking));
    assert_eq!((answer.status, answer.courses().len()), (200, 3), "{answer:?}");
    assert_eq!(process.ended(), Some(0));
    // Whoever had nothing to ask was told so by the end of the connection.
    for stream in &mut keeping {
        assert!(!rest(stream).contains("HTTP/1.1"));
    }
    assert!(TcpStream::connect(addr).is_err());
}

#[test]
fn a_client_that_never_ends_its_request_holds_up_no_stop() {
    let (_lake, mut process, addr) = ready();
    let mut asking = begun(addr);
    process.signal("TERM");
    assert_eq!(process.ended(), Some(0));
    let answered = rest(&mut asking);
    assert!(answered.is_empty() || parse(&answered).status == 503, "{answered}");
}

#[test]
fn stopping_waits_for_nobody_who_is_idle() {
    let lake = TestLake::new();
    let sidecar = Sidecar::start(&lake);
    let addr = sidecar.addr;
    let _idle = idle(addr);
    assert!(sidecar.stop() < Duration::from_secs(3));
    assert!(TcpStream::connect(addr).is_err());
}
