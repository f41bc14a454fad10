//! What happens around every request: refusals, who asks, the time limit, a caught panic, its id, its metrics, its log line.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures::FutureExt;
use hyper::service::Service;
use prometheus_client::metrics::gauge::Gauge;
use warp::Reply;
use warp::http::header::{HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use warp::http::{Method, Request};
use warp::reply::Response;

use super::limits::{REQUEST_LIMIT, refusal};
use crate::auth::{Caller, Guard};
use crate::cors::Cors;
use crate::problem::Problem;
use crate::routes::app::App;
use crate::routes::{Asked, Route, again};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
/// Length of a `traceparent` of the only version there is: `00-<trace>-<span>-<flags>`.
const TRACE_PARENT_BYTES: usize = 55;
/// A client's own id is repeated if it isn't longer than this.
const REQUEST_ID_BYTES_MAX: usize = 128;
/// What logs and metrics say where no route answered.
const NO_ROUTE: &str = "none";

/// Stands before the routes; shared by all connections.
pub(crate) struct Gate<S> {
    routes: S,
    app: Arc<App>,
    door: Door,
    requests: AtomicU64,
}

/// Who gets in, and which pages of other origins.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) guard: Guard,
    pub(crate) cors: Cors,
}

/// What the log line of a request says of it.
struct Told {
    method: Method,
    id: HeaderValue,
    trace_parent: Option<HeaderValue>,
    caller: &'static str,
    started: Instant,
}

impl<S> Gate<S> {
    pub(crate) fn new(routes: S, app: Arc<App>, door: Door) -> Self {
        Self { routes, app, door, requests: AtomicU64::new(0) }
    }

    /// Who is behind the gate.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Answers one request, whatever happens behind.
    #[expect(clippy::disallowed_methods, reason = "times a request for metrics and logs; no answer depends on it")]
    pub(crate) async fn call<B>(&self, request: Request<B>) -> Result<Response, Infallible>
    where
        S: Service<Request<B>, Response = Response, Error = Infallible>,
    {
        let started = Instant::now();
        let _in_flight = Counted::up(&self.app.metrics.in_flight);
        let headers = request.headers();
        let (id, trace_parent) = (self.request_id(headers), trace_parent(headers));
        let mut told = Told { method: request.method().clone(), id, trace_parent, caller: Caller::Nobody.kind(), started };
        let origin = self.door.cors.allowed(headers).cloned();
        let mut response = self.enter(request, &mut told).await.unwrap_or_else(Problem::into_response);
        self.account(&told, &response);
        self.door.cors.mark(origin, response.headers_mut());
        response.headers_mut().insert(REQUEST_ID, told.id);
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Ok(response)
    }

    /// Refuses what needs no answer; the rest reaches the routes with who asks.
    async fn enter<B>(&self, mut request: Request<B>, told: &mut Told) -> Result<Response, Problem>
    where
        S: Service<Request<B>, Response = Response, Error = Infallible>,
    {
        refusal(&request).map_or(Ok(()), Err)?;
        if let Some(preflight) = self.door.cors.preflight(&request) {
            return Ok(preflight);
        }
        let caller = self.door.guard.admit(request.headers())?;
        told.caller = caller.kind();
        let asked = Asked::new(&request, caller);
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if let Some(response) = reads.then(|| again(&self.app, &asked)).flatten() {
            return Ok(response);
        }
        request.extensions_mut().insert(Arc::new(asked));
        Ok(self.answer(request).await)
    }

    async fn answer<B>(&self, request: Request<B>) -> Response
    where
        S: Service<Request<B>, Response = Response, Error = Infallible>,
    {
        let mut answered = pin!(AssertUnwindSafe(async { self.routes.call(request).await }).catch_unwind());
        // What is answered at once, as nearly all is, needs no clock.
        let answered = match answered.as_mut().now_or_never() {
            Some(answered) => Ok(answered),
            None => tokio::time::timeout(REQUEST_LIMIT, answered).await,
        };
        match answered {
            Ok(Ok(Ok(response))) => response,
            // The panic's own message is on stderr already.
            Ok(Err(_)) => Problem::internal().into_response(),
            Err(_) => Problem::unavailable(format!("no answer within {} s", REQUEST_LIMIT.as_secs())).into_response(),
        }
    }

    /// Counts and logs an answer under its route's pattern, because a path may hold a member's id.
    fn account(&self, told: &Told, response: &Response) {
        let route = response.extensions().get::<Route>().map_or(NO_ROUTE, |route| route.0);
        let (status, seconds) = (response.status().as_u16(), told.started.elapsed().as_secs_f64());
        self.app.metrics.answered(route, status, seconds);
        let (method, caller, request_id) = (&told.method, told.caller, told.id.to_str().unwrap_or_default());
        let traceparent = told.trace_parent.as_ref().and_then(|sent| sent.to_str().ok());
        if response.status().is_server_error() {
            tracing::warn!(%method, route, status, seconds, caller, request_id, traceparent, "a request was not answered");
        } else {
            tracing::debug!(%method, route, status, seconds, caller, request_id, traceparent, "answered");
        }
    }

    fn request_id(&self, headers: &HeaderMap) -> HeaderValue {
        let short = |id: &&HeaderValue| id.len() <= REQUEST_ID_BYTES_MAX && id.to_str().is_ok_and(|id| !id.is_empty());
        match headers.get(REQUEST_ID).filter(short) {
            Some(sent) => sent.clone(),
            None => HeaderValue::from(self.requests.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// The trace that a request is part of; anything else under that name is nobody's.
fn trace_parent(headers: &HeaderMap) -> Option<HeaderValue> {
    let is_trace = |sent: &&HeaderValue| {
        let digits = sent.as_bytes().iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        sent.len() == TRACE_PARENT_BYTES && digits
    };
    headers.get(TRACE_PARENT).filter(is_trace).cloned()
}

/// A gauge that is one higher as long as this lives.
pub(crate) struct Counted<'a>(&'a Gauge);

impl<'a> Counted<'a> {
    pub(crate) fn up(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use hyper::service::service_fn;
    use warp::http::StatusCode;

    use super::*;
    use crate::config::Members;
    use crate::metrics::Metrics;

    async fn ask<S>(routes: S, request: Request<String>) -> Response
    where
        S: Service<Request<String>, Response = Response, Error = Infallible>,
    {
        let app =
            App { current: Arc::default(), metrics: Arc::new(Metrics::new()), members: Members::Pseudonyms, tokens: None, feedback: None };
        let gate = Gate::new(routes, Arc::new(app), Door { guard: Guard::Open, cors: Cors::default() });
        let response = gate.call(request).await.unwrap();
        assert_eq!(gate.app().metrics.in_flight.get(), 0);
        response
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let panics = service_fn(|_: Request<String>| async { panic!("on purpose") });
        let response = ask(panics, Request::default()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_answered() {
        let never = service_fn(|_: Request<String>| std::future::pending());
        assert_eq!(ask(never, Request::default()).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn only_traces_are_told() {
        let of = |sent: &'static str| trace_parent(&HeaderMap::from_iter([(TRACE_PARENT, HeaderValue::from_static(sent))]));
        assert!(of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").is_some());
        assert!(of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0").is_none());
        assert!(of("a member's name, as long as a traceparent would be ....").is_none());
    }

    #[tokio::test]
    async fn ids_are_repeated_or_made() {
        let answers = || service_fn(|_: Request<String>| async { Ok(Response::default()) });
        let sent = Request::builder().header(REQUEST_ID, "abc").body(String::new()).unwrap();
        assert_eq!(ask(answers(), sent).await.headers()[REQUEST_ID], "abc");
        let long = Request::builder().header(REQUEST_ID, "x".repeat(129)).body(String::new()).unwrap();
        assert_eq!(ask(answers(), long).await.headers()[REQUEST_ID], "0");
    }
}
