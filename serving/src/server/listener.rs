//! The story of a sidecar: open the lake, listen, serve and reload, stop.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hachi_snapshot::{HomeError, Lake, LakeError};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use warp::http::Request;
use warp::reply::Response;

use super::connection;
use super::gate::{Door, Gate};
use super::limits::{CONNECTIONS_MAX, DRAIN_LIMIT};
use crate::config::Config;
use crate::current::Current;
use crate::feedback::{Feedback, FeedbackError, Log};
use crate::metrics::Metrics;
use crate::reload::Reload;
use crate::rotation::Rotation;
use crate::routes::app::App;
use crate::routes::tree;

/// After a failed accept, which is usually a lack of file descriptors: time for some to be freed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A sidecar that has its address, and serves once it is run.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    addr: SocketAddr,
    app: Arc<App>,
    door: Door,
    reload: Reload,
    /// None where nobody is asked who they are.
    rotation: Option<Rotation>,
    grace: Duration,
}

/// Why a sidecar can't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The lake can't be opened.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The folder is the copy of another store.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The address is taken, or not this machine's.
    #[error("could not listen on `{addr}`")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The system refused a signal handler.
    #[error("could not listen for SIGHUP")]
    Signal(#[source] std::io::Error),
    /// Impressions could not be kept.
    #[error(transparent)]
    Feedback(#[from] FeedbackError),
    /// The system refused a thread.
    #[error("could not start a thread for feedback")]
    Thread(#[source] std::io::Error),
}

/// Binds and runs a sidecar until `shutdown` ends.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
    Server::bind(config).await?.run(shutdown).await;
    Ok(())
}

impl Server {
    /// Opens the lake and takes the address. Nothing is answered before [`Server::run`].
    pub async fn bind(config: Config) -> Result<Self, ServeError> {
        let lake = Lake::local(&config.lake)?;
        let lake = match &config.home {
            Some(home) => lake.with_home(home.clone())?,
            None => lake,
        };
        let failed = |source| ServeError::Listen { addr: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let (current, metrics) = (Arc::new(Current::default()), Arc::new(Metrics::new()));
        let reload = Reload::new(lake, Arc::clone(&current), Arc::clone(&metrics), config.poll).map_err(ServeError::Signal)?;
        let reload = reload.with_key(config.members.fingerprint());
        let tokens = config.guard.register().cloned();
        let watched = tokens.clone().map(|register| Rotation::new(register, Arc::clone(&metrics), config.poll));
        let rotation = watched.transpose().map_err(ServeError::Signal)?;
        let log = config.feedback.as_ref().map(|kept| Log::open(&kept.folder, kept.limit_bytes)).transpose()?;
        let feedback = log.map(Feedback::start).transpose().map_err(ServeError::Thread)?;
        let app = Arc::new(App { current, metrics, members: config.members, tokens, feedback });
        let door = Door { guard: config.guard, cors: config.cors };
        Ok(Self { listener, addr, app, door, reload, rotation, grace: config.grace })
    }

    /// The address, with the port that the system chose for port 0.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves until `shutdown` ends and a grace is over in which it is not ready any more; then lets requests under way finish, within a
    /// limit.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        tracing::info!(addr = %self.addr, "listening on {}", self.addr);
        let (stop, stopped) = watch::channel(false);
        let reload = tokio::spawn(self.reload.run(u64::from(self.addr.port()), stopped.clone()));
        let rotation = self.rotation.map(|rotation| tokio::spawn(rotation.run(stopped.clone())));
        let routes = TowerToHyperService::new(warp::service(tree::all(&self.app)));
        let gate = Arc::new(Gate::new(routes, Arc::clone(&self.app), self.door));
        let shutdown = async {
            shutdown.await;
            self.app.current.stop();
            tokio::time::sleep(self.grace).await;
        };
        let connections = accept_until(&self.listener, gate, stopped, shutdown).await;
        drop(self.listener);
        // Nobody listens any more only if everything has stopped already.
        let _ = stop.send(true);
        drain(connections).await;
        reload.abort();
        rotation.inspect(JoinHandle::abort);
        tracing::info!("stopped");
    }
}

async fn accept_until<S>(
    listener: &TcpListener,
    gate: Arc<Gate<S>>,
    stopped: watch::Receiver<bool>,
    shutdown: impl Future<Output = ()>,
) -> JoinSet<()>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Send + Sync + 'static,
    S::Future: Send,
{
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (slot, stream) = tokio::select! {
            () = shutdown.as_mut() => return connections,
            accepted = accept(listener, &slots) => accepted,
        };
        // Ended ones are forgotten, or the set would grow for ever.
        while connections.try_join_next().is_some() {}
        let served = connection::serve(stream, Arc::clone(&gate), stopped.clone());
        connections.spawn(async move {
            served.await;
            drop(slot);
        });
    }
}

/// Waits for a free slot first: connections beyond the limit stay in the system's queue.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (OwnedSemaphorePermit, TcpStream) {
    let slot = Arc::clone(slots).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (slot, stream),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn drain(mut connections: JoinSet<()>) {
    tracing::info!(connections = connections.len(), "stopping: waiting for {} connections", connections.len());
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_LIMIT, drained).await.is_err() {
        tracing::warn!(connections = connections.len(), "{} connections did not drain in time and were cut", connections.len());
        connections.shutdown().await;
    }
}
