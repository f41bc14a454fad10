//! An S3 server on loopback: real sockets and signatures, and a folder of its own behind them. What goes wrong is up to `faults`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, JoinSet};

use super::faults::{Layer, Plan};

/// The only bucket.
const BUCKET: &str = "school";
const KEY_ID: &str = "the-key-of-the-tests";
/// What must never be seen anywhere.
pub const SECRET: &str = "5ecret-never-to-be-told";

/// A server; gone with its test.
pub struct Server {
    folder: TempDir,
    address: SocketAddr,
    layer: Arc<Layer>,
    runtime: Runtime,
    serving: Mutex<Option<JoinHandle<()>>>,
}

impl Server {
    /// One that works.
    pub fn start() -> Server {
        Server::new(Layer::new)
    }

    /// One that works and holds what another holds.
    pub fn like(other: &Server) -> Server {
        let server = Server::start();
        crate::files::copy(&other.bucket(), &server.bucket());
        server
    }

    /// One that takes no notice of If-None-Match, as some stores do.
    pub fn forgetful() -> Server {
        Server::new(Layer::forgetful)
    }

    fn new(layer: impl Fn(s3s::service::S3Service, PathBuf) -> Layer) -> Server {
        let folder = tempfile::tempdir().expect("a writable folder");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a writable folder");
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).expect("a folder"));
        service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let layer = Arc::new(layer(service.build(), folder.path().to_owned()));
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let serving = Mutex::new(Some(runtime.spawn(serve(listener, Arc::clone(&layer)))));
        Server { folder, address, layer, runtime, serving }
    }

    /// Nobody answers any more; open connections are cut.
    pub fn go_away(&self) {
        if let Some(serving) = self.serving().take() {
            serving.abort();
            // An error says that it was aborted.
            let _ = self.runtime.block_on(serving);
        }
    }

    /// Answers again, where it did before.
    pub fn come_back(&self) {
        let listener = self.runtime.block_on(TcpListener::bind(self.address)).expect("the same port");
        *self.serving() = Some(self.runtime.spawn(serve(listener, Arc::clone(&self.layer))));
    }

    fn serving(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.serving.lock().expect("nobody panics here")
    }

    /// What goes wrong from now on; counts requests anew.
    pub fn plan(&self, plan: Plan) {
        self.layer.plan(plan);
    }

    /// Requests since the plan was made.
    pub fn requests(&self) -> u64 {
        self.layer.requests()
    }

    /// What was asked since the plan was made, a line each.
    pub fn asked(&self) -> Vec<String> {
        self.layer.asked()
    }

    /// Whether a request waits because the plan says so.
    pub fn is_stalled(&self) -> bool {
        self.layer.is_stalled()
    }

    /// The bucket's folder: what the store holds.
    pub fn bucket(&self) -> PathBuf {
        self.folder.path().join(BUCKET)
    }

    /// Where a lake of that name lies, as `[lake] store` has it.
    pub fn url(name: &str) -> String {
        format!("s3://{BUCKET}/{name}")
    }

    /// What a program has to know of the server besides that, as names and values of the environment.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ENDPOINT_URL", format!("http://{}", self.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
        ]
    }

    /// The same for a command.
    pub fn known_to<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.envs(self.environment())
    }
}

async fn serve(listener: TcpListener, layer: Arc<Layer>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(answer(stream, Arc::clone(&layer)));
    }
}

async fn answer(stream: TcpStream, layer: Arc<Layer>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| layer.answer(request));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if (&mut connection).await.is_err() {
        // A reset, not an end: the client can't take it for anything else.
        let _ = connection.into_parts().io.into_inner().set_zero_linger();
    }
}

/// Every file below `folder` that holds the secret.
pub fn holding_the_secret(folder: &Path) -> Vec<PathBuf> {
    let holds = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    crate::files::tree(folder).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
}
