//! One connection, from its first byte until it is closed, cut or drained.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;
use warp::http::Request;
use warp::reply::Response;

use super::gate::{Counted, Gate};
use super::limits::{BUFFER_BYTES, CONNECTION_AGE_MAX, DRAIN_LIMIT, HEADER_READ_LIMIT, PARSED_HEADERS_MAX, WRITE_STALL_LIMIT};

/// Serves a connection; once `stop` turns true, only the request under way.
pub(crate) async fn serve<S>(stream: TcpStream, gate: Arc<Gate<S>>, mut stop: watch::Receiver<bool>)
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    // Answers are small and written at once. A socket that refuses still works.
    let _ = stream.set_nodelay(true);
    let _connected = Counted::up(&gate.app().metrics.connections);
    let service = service_fn(|request| gate.call(request));
    let stream = pin!(taken_in_time(stream));
    let mut connection = pin!(limited().serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        ended = connection.as_mut() => return log_end(ended),
        _ = stop.wait_for(|stop| *stop) => (),
        () = tokio::time::sleep(CONNECTION_AGE_MAX) => (),
    }
    connection.as_mut().graceful_shutdown();
    let Ok(ended) = tokio::time::timeout(DRAIN_LIMIT, connection).await else {
        return tracing::debug!("a connection did not drain in time and was cut");
    };
    log_end(ended);
}

/// Fails once a client takes nothing of an answer for too long.
fn taken_in_time(stream: TcpStream) -> TimeoutStream<TcpStream> {
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_STALL_LIMIT));
    stream
}

fn limited() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Answers are small: one piece of memory costs the system less than two.
    builder.writev(false);
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_LIMIT).max_headers(PARSED_HEADERS_MAX).max_buf_size(BUFFER_BYTES);
    builder
}

/// How clients end their connections is their business: nobody has to act.
fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended early");
    }
}
