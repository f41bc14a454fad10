//! Publication into an S3-compatible store, through a real server on loopback: whatever goes wrong between the two, readers see a whole
//! snapshot, the old one or the new one, and what was told to be published stays.
//!
//! `server` is the store, `faults` stands before it. `publications`, `publishers` and `kills` try to lose or tear a commit; `machines`
//! and `sidecars` are people's use of it. A part of the places is tried in every test run; `HACHI_TORTURE=full` tries them all.

mod faults;
mod kills;
mod machines;
mod publications;
mod publishers;
mod server;
mod sidecars;

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use hachi_snapshot::{Home, Lake, Manifest, ServeReader};

use crate::files;
use crate::programs::Said;
use crate::rows::RATINGS;
use crate::site::Site;

use server::{SECRET, Server, holding_the_secret};

/// Where the lake of these tests lies.
const LAKE: &str = "lake";
const RATINGS_CSV: &str = "user_id,course_id,rating,ts\n\
    ana,c1,4,2026-03-01T12:00:00Z\nana,c2,5,2026-03-01T13:00:00Z\nbo,c1,3,2026-03-01T14:00:00Z\n";
/// The days that two runs describe.
const DAYS: [&str; 2] = ["2026-03-02", "2026-03-03"];

/// A run that publishes few tables: enough for all that a publication does, and quick.
fn run(day: &str) -> [&str; 5] {
    ["run", "--as-of", day, "--select", "+ratings"]
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// A folder with a site's sources, configuration and key, from which it is published into the store.
struct Machine<'s> {
    site: Site,
    server: &'s Server,
}

impl<'s> Machine<'s> {
    /// The first: it has two members' ratings.
    fn new(server: &'s Server) -> Machine<'s> {
        let site = Site::new(&format!("{RATINGS}[lake]\nstore = \"{}\"\n", Server::url(LAKE)));
        let machine = Machine { site, server };
        machine.site.write("ratings.csv", RATINGS_CSV);
        machine.hachi(&["ingest", "ratings", "ratings.csv"]).ok();
        machine
    }

    /// Another with the same, but for the lake.
    fn another(&self) -> Machine<'s> {
        self.another_at(self.server)
    }

    /// The same, with another store.
    fn another_at<'o>(&self, server: &'o Server) -> Machine<'o> {
        let config = std::fs::read_to_string(self.site.path("hachi.toml")).expect("a configuration");
        let site = Site::new(&config);
        for folder in ["raw", "home"].map(|name| (self.site.path(name), site.path(name))).iter().filter(|(from, _)| from.is_dir()) {
            files::copy(&folder.0, &folder.1);
        }
        Machine { site, server }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.site.command(arguments);
        self.server.known_to(&mut command);
        command
    }

    /// Runs `hachi` to its end; it tells no secret.
    fn hachi(&self, arguments: &[&str]) -> Said {
        let said = Said::from(self.command(arguments).output().expect("a program that starts"));
        assert!(!said.stdout.contains(SECRET) && !said.stderr.contains(SECRET), "the secret is told: {said:?}");
        said
    }

    fn run(&self, day: &str) -> Said {
        self.hachi(&run(day))
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let holding = [self.site.path("."), self.server.bucket()].map(|folder| holding_the_secret(&folder)).concat();
            assert!(holding.is_empty(), "the secret is in {holding:?}");
        }
    }
}

/// A lake in `folder` whose home is in the store; more of the environment.
fn lake_with(server: &Server, folder: &Path, more: &[(&str, &str)]) -> Lake {
    let url = Server::url(LAKE).parse().expect("a place in a store");
    let known = server.environment().into_iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let more = more.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let home = Home::s3(&url, known.chain(more)).expect("a store");
    Lake::local(folder).expect("a lake").with_home(home).expect("a folder of its own")
}

fn lake(server: &Server, folder: &Path) -> Lake {
    lake_with(server, folder, &[])
}

/// What somebody sees who comes with an empty folder, having asserted that all of it is whole.
fn seen(server: &Server) -> Option<Manifest> {
    let folder = tempfile::tempdir().expect("a writable folder");
    let lake = lake(server, folder.path());
    block_on(async {
        let latest = lake.latest().await.expect("a store that can be listed");
        assert_eq!(latest.skipped, [], "a torn manifest");
        let manifest = latest.manifest?;
        lake.pull(&manifest).await.expect("every file as it was sealed");
        lake.copy().verify(&manifest).await.expect("every file as it was sealed");
        for serve in manifest.serve.iter().filter(|file| Path::new(&file.path).extension().is_some_and(|extension| extension == "redb")) {
            ServeReader::open(lake.file(&serve.path).expect("a path of the lake")).expect("a sound serving file");
        }
        Some(manifest)
    })
}
