//! The binary as an operator runs it: its address on stdout, SIGHUP and SIGTERM.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::get;
use crate::lake::TestLake;

const PATIENCE: Duration = Duration::from_secs(20);

/// Killed when dropped, so that a failed test leaves nothing behind.
pub struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Process {
    /// Ends it without a word, and waits until it is gone.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Its exit code, once it has ended by itself.
    pub fn ended(&mut self) -> Option<i32> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not end in time")
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

fn start(lake: &TestLake) -> (Process, SocketAddr) {
    start_with(lake, &[])
}

/// Starts it with further arguments.
pub fn start_with(lake: &TestLake, more: &[&str]) -> (Process, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hachi-serving"));
    command.arg("--lake").arg(lake.path()).args(["--listen", "127.0.0.1:0", "--poll-seconds", "3600"]).args(more);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let addr = line.trim().strip_prefix("http://").unwrap().parse().unwrap();
    (Process(child), addr)
}

pub fn wait(done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "not in time");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn sighup_looks_for_a_snapshot_at_once_and_sigterm_stops() {
    let lake = TestLake::new();
    let (mut process, addr) = start(&lake);
    wait(|| !get(addr, "/status").json()["reload"]["checked_at"].is_null());
    assert_eq!(get(addr, "/readyz").status, 503);
    lake.publish(1);
    process.signal("HUP");
    wait(|| get(addr, "/readyz").status == 200);
    process.signal("TERM");
    assert!(process.0.wait().unwrap().success());
}
