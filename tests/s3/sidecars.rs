//! The sidecar on a lake in a store: it serves what was published, and goes on without the store.

use std::fs;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::server::{SECRET, Server};
use super::{DAYS, LAKE, Machine, seen};
use crate::files;
use crate::patience::wait;
use crate::programs::program;
use crate::sidecar::Sidecar;

/// A sidecar's machine: a folder for what it fetches, and the key.
struct Counter<'s> {
    folder: TempDir,
    server: &'s Server,
}

impl<'s> Counter<'s> {
    fn new(server: &'s Server, publisher: &Machine<'_>) -> Counter<'s> {
        let folder = tempfile::tempdir().expect("a writable folder");
        files::copy(&publisher.site.data_home(), &folder.path().join("home"));
        Counter { folder, server }
    }

    fn start(&self) -> Sidecar {
        let mut command = Command::new(program("hachi-serving"));
        command.arg("--lake").arg(self.folder.path().join("fetched")).args(["--store", &Server::url(LAKE)]);
        command.arg("--pseudonym-key").arg(self.folder.path().join("home/hachi/pseudonym.key"));
        command.args(["--listen", "127.0.0.1:0", "--poll-seconds", "1"]).env_remove("RUST_LOG");
        Sidecar::ready(self.server.known_to(&mut command))
    }
}

fn served(sidecar: &Sidecar) -> Value {
    sidecar.get("/status").ok()["snapshot"]["number"].clone()
}

fn failure(sidecar: &Sidecar) -> Value {
    sidecar.get("/status").ok()["reload"]["failure"].clone()
}

/// A store with one snapshot, published by the first machine.
fn published(server: &Server) -> Machine<'_> {
    let publisher = Machine::new(server);
    publisher.run(DAYS[0]).ok();
    publisher
}

#[test]
fn it_serves_what_is_published_and_goes_on_while_the_store_is_away() {
    let server = Server::start();
    let publisher = published(&server);
    let counter = Counter::new(&server, &publisher);
    let sidecar = counter.start();
    assert_eq!(served(&sidecar), 1);

    server.go_away();
    wait(|| !failure(&sidecar).is_null(), || sidecar.get("/status").body);
    assert!(failure(&sidecar)["reason"].as_str().is_some_and(|why| why.contains("s3://school/lake")), "{}", failure(&sidecar));
    assert_eq!((served(&sidecar), sidecar.get("/readyz").status), (1.into(), 200));
    assert_eq!(sidecar.get("/v1/courses/popular?limit=1").status, 200);
    assert!(!sidecar.get("/metrics").body.contains(SECRET));

    server.come_back();
    publisher.run(DAYS[1]).ok();
    wait(|| served(&sidecar) == 2 && failure(&sidecar).is_null(), || sidecar.get("/status").body);
}

#[test]
fn it_starts_from_what_it_had_while_the_store_is_away() {
    let server = Server::start();
    let counter = Counter::new(&server, &published(&server));
    assert!(counter.start().stop(), "it did not end well");
    server.go_away();
    let sidecar = counter.start();
    assert_eq!(served(&sidecar), 1);
    wait(|| !failure(&sidecar).is_null(), || sidecar.get("/status").body);
    assert_eq!(sidecar.get("/v1/courses/popular?limit=1").status, 200);
}

/// Both stores hold the same first snapshot; the second is published in one and damaged on its way into the other.
#[test]
fn a_damaged_serving_object_is_refused_and_the_old_one_stays() {
    let server = Server::start();
    let publisher = published(&server);
    let counter = Counter::new(&server, &publisher);
    let sidecar = counter.start();
    let other = Server::like(&server);
    publisher.another_at(&other).run(DAYS[1]).ok();
    let damaged = &seen(&other).expect("a snapshot").serve[0];
    let object = other.bucket().join(LAKE).join(&damaged.path);
    let whole = fs::read(&object).expect("an object");
    fs::write(&object, whole.iter().rev().copied().collect::<Vec<_>>()).expect("a writable object");
    for folder in ["data", "serve", "manifests"] {
        files::copy(&other.bucket().join(LAKE).join(folder), &server.bucket().join(LAKE).join(folder));
    }
    wait(|| failure(&sidecar)["number"] == 2, || sidecar.get("/status").body);
    assert_eq!((served(&sidecar), sidecar.get("/readyz").status), (1.into(), 200));
    assert!(failure(&sidecar)["reason"].as_str().is_some_and(|why| why.contains(&damaged.path)), "{}", failure(&sidecar));

    fs::write(server.bucket().join(LAKE).join(&damaged.path), whole).expect("a writable object");
    wait(|| served(&sidecar) == 2 && failure(&sidecar).is_null(), || sidecar.get("/status").body);
}
