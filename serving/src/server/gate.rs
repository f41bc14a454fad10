//! What happens around every request: refusals, the time limit, a caught panic, its id, its metrics, its log line.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
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
use crate::problem::Problem;
use crate::routes::Route;
use crate::routes::app::App;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A client's own id is repeated if it isn't longer than this.
const REQUEST_ID_BYTES_MAX: usize = 128;
/// What logs and metrics say where no route answered.
const NO_ROUTE: &str = "none";

/// Stands before the routes; shared by all connections.
pub(crate) struct Gate<S> {
    routes: S,
    app: Arc<App>,
    requests: AtomicU64,
}

impl<S> Gate<S> {
    pub(crate) fn new(routes: S, app: Arc<App>) -> Self {
        Self { routes, app, requests: AtomicU64::new(0) }
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
        let method = request.method().clone();
        let id = self.request_id(request.headers());
        let mut response = match refusal(&request) {
            Some(problem) => problem.into_response(),
            None => self.answer(request).await,
        };
        self.account(&method, &id, &response, started);
        response.headers_mut().insert(REQUEST_ID, id);
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Ok(response)
    }

    async fn answer<B>(&self, request: Request<B>) -> Response
    where
        S: Service<Request<B>, Response = Response, Error = Infallible>,
    {
        let answered = AssertUnwindSafe(async { self.routes.call(request).await }).catch_unwind();
        match tokio::time::timeout(REQUEST_LIMIT, answered).await {
            Ok(Ok(Ok(response))) => response,
            // The panic's own message is on stderr already.
            Ok(Err(_)) => Problem::internal().into_response(),
            Err(_) => Problem::unavailable(format!("no answer within {} s", REQUEST_LIMIT.as_secs())).into_response(),
        }
    }

    /// Counts and logs an answer under its route's pattern, because a path may hold a member's id.
    fn account(&self, method: &Method, id: &HeaderValue, response: &Response, started: Instant) {
        let route = response.extensions().get::<Route>().map_or(NO_ROUTE, |route| route.0);
        let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
        self.app.metrics.answered(route, status, seconds);
        let request_id = id.to_str().unwrap_or_default();
        if response.status().is_server_error() {
            tracing::warn!(%method, route, status, seconds, request_id, "a request was not answered");
        } else {
            tracing::debug!(%method, route, status, seconds, request_id, "answered");
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
        let app = App { current: Arc::default(), metrics: Arc::new(Metrics::new()), members: Members::Pseudonyms };
        let gate = Gate::new(routes, Arc::new(app));
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

    #[tokio::test]
    async fn ids_are_repeated_or_made() {
        let answers = || service_fn(|_: Request<String>| async { Ok(Response::default()) });
        let sent = Request::builder().header(REQUEST_ID, "abc").body(String::new()).unwrap();
        assert_eq!(ask(answers(), sent).await.headers()[REQUEST_ID], "abc");
        let long = Request::builder().header(REQUEST_ID, "x".repeat(129)).body(String::new()).unwrap();
        assert_eq!(ask(answers(), long).await.headers()[REQUEST_ID], "0");
    }
}
