//! GET /livez, /readyz, /status, /metrics and /openapi.json: for orchestrators, operators and developers, never cached.

use std::sync::Arc;

use serde::Serialize;
use warp::filters::BoxedFilter;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use warp::reply::Response;
use warp::{Filter, Reply};

use super::app::App;
use super::query::Query;
use super::reply::named;
use super::request::{Asked, asked};
use crate::answers::snapshot::About;
use crate::auth::{Need, Standing};
use crate::current::Search;
use crate::problem::Problem;

pub(crate) const LIVE_ROUTE: &str = "/livez";
pub(crate) const READY_ROUTE: &str = "/readyz";
pub(crate) const STATUS_ROUTE: &str = "/status";
pub(crate) const METRICS_ROUTE: &str = "/metrics";
pub(crate) const DESCRIPTION_ROUTE: &str = "/openapi.json";

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const OPEN_METRICS: HeaderValue = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

/// What all routes take and answer, as OpenAPI 3.1.
pub(crate) const DESCRIPTION: &[u8] = include_bytes!("../../openapi.json");

/// What an operator wants to know at a glance.
#[derive(Serialize)]
struct Status<'a> {
    version: &'static str,
    ready: bool,
    stopping: bool,
    /// What is served; null before the first snapshot.
    snapshot: Option<&'a About>,
    /// The search for something newer; `failure` is null where the newest is served.
    reload: Search,
    /// The tokens' file; null where nobody is asked who they are.
    tokens: Option<Standing>,
}

pub(crate) fn all(app: &Arc<App>) -> BoxedFilter<(Response,)> {
    let live = operation(app, LIVE_ROUTE, Need::Nothing, |_| Ok(uncached(JSON, b"{\"live\":true}".to_vec())));
    let ready = operation(app, READY_ROUTE, Need::Nothing, ready);
    let status = operation(app, STATUS_ROUTE, Need::Numbers, status);
    let metrics = operation(app, METRICS_ROUTE, Need::Numbers, metrics);
    let description = operation(app, DESCRIPTION_ROUTE, Need::Nothing, |_| Ok(uncached(JSON, DESCRIPTION.to_vec())));
    live.or(ready).unify().or(status).unify().or(metrics).unify().or(description).unify().boxed()
}

/// A path of one segment that answers without a snapshot.
fn operation(
    app: &Arc<App>,
    route: &'static str,
    need: Need<'static>,
    handle: fn(&App) -> Result<Response, Problem>,
) -> BoxedFilter<(Response,)> {
    let app = Arc::clone(app);
    let answer = move |asked: &Asked| {
        Query::parse(asked.query(), &[])?;
        asked.caller.check(need)?;
        handle(&app)
    };
    warp::path(route.trim_start_matches('/'))
        .and(warp::path::end())
        .and(asked())
        .map(move |asked: Arc<Asked>| named(route, answer(&asked).unwrap_or_else(Problem::into_response)))
        .boxed()
}

fn ready(app: &App) -> Result<Response, Problem> {
    if app.current.is_stopping() {
        return Err(Problem::unavailable("the sidecar is stopping"));
    }
    match app.current.served() {
        Some(_) => Ok(uncached(JSON, b"{\"ready\":true}".to_vec())),
        None => Err(Problem::unavailable("no snapshot has been published yet")),
    }
}

fn status(app: &App) -> Result<Response, Problem> {
    let served = app.current.served();
    let stopping = app.current.is_stopping();
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        ready: served.is_some() && !stopping,
        stopping,
        snapshot: served.as_ref().map(|served| served.snapshot.about()),
        reload: app.current.search(),
        tokens: app.tokens.as_ref().map(|register| register.standing()),
    };
    serde_json::to_vec(&status).map(|body| uncached(JSON, body)).map_err(|_| Problem::internal())
}

fn metrics(app: &App) -> Result<Response, Problem> {
    app.metrics.render().map(|text| uncached(OPEN_METRICS, text.into_bytes())).map_err(|_| Problem::internal())
}

fn uncached(content_type: HeaderValue, body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
