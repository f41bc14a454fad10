//! A sidecar in a thread, stopped when it is dropped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hachi_serving::{Config, Options, Server};
use tokio::sync::oneshot;

use crate::client::get;
use crate::lake::TestLake;

const POLL: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Sidecar {
    pub addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sidecar {
    /// Starts with the lake's key.
    pub fn start(lake: &TestLake) -> Self {
        Self::start_with(lake, Some(lake.key()))
    }

    pub fn start_with(lake: &TestLake, pseudonym_key: Option<PathBuf>) -> Self {
        Self::start_as(Self::options(lake, pseudonym_key))
    }

    /// What a sidecar is started with where nothing else is said.
    pub fn options(lake: &TestLake, pseudonym_key: Option<PathBuf>) -> Options {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Options {
            lake: lake.path().to_owned(),
            store: None,
            listen,
            pseudonym_key,
            tokens: None,
            cors: Vec::new(),
            feedback: None,
            feedback_limit_mib: 1,
            poll_seconds: 1,
        }
    }

    /// Starts with these options.
    pub fn start_as(options: Options) -> Self {
        let config = Config::new(options).unwrap().with_poll(POLL).with_grace(Duration::ZERO);
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::bind(config).await.unwrap();
                tell.send(server.addr()).unwrap();
                server.run(async { drop(stopped.await) }).await;
            });
        });
        Self { addr: told.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }

    /// Starts, and waits for a snapshot.
    pub fn ready(lake: &TestLake) -> Self {
        let sidecar = Self::start(lake);
        sidecar.wait("ready", || get(sidecar.addr, "/readyz").status == 200);
        sidecar
    }

    /// Starts one that asks for the tokens of a file beside its lake, and lets pages of one other origin ask.
    pub fn guarded(tokens: impl Fn(&TestLake) -> PathBuf) -> (TestLake, Self) {
        let lake = TestLake::new();
        lake.publish(1);
        let (tokens, cors) = (Some(tokens(&lake)), vec!["https://site.example".to_owned()]);
        let sidecar = Self::start_as(Options { tokens, cors, ..Self::options(&lake, Some(lake.key())) });
        sidecar.wait("ready", || get(sidecar.addr, "/readyz").status == 200);
        (lake, sidecar)
    }

    /// Waits until it serves a snapshot.
    pub fn wait_for(&self, number: u64) {
        self.wait("serving", || get(self.addr, "/status").json()["snapshot"]["number"] == number);
    }

    pub fn wait(&self, what: &str, done: impl Fn() -> bool) {
        let started = Instant::now();
        while !done() {
            assert!(started.elapsed() < PATIENCE, "not {what} in time: {:?}", get(self.addr, "/status"));
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops, and says how long that took.
    pub fn stop(mut self) -> Duration {
        let started = Instant::now();
        self.end();
        started.elapsed()
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || std::thread::panicking(), "the sidecar panicked");
        }
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        self.end();
    }
}
