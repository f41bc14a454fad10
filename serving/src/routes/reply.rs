//! From an answer to a response: its JSON, its validator, its caching, and the name of its route.

use std::sync::Arc;

use serde::Serialize;
use warp::Reply;
use warp::http::StatusCode;
use warp::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderValue, VARY};
use warp::reply::Response;

use super::app::App;
use super::request::{Asked, decode_id};
use crate::answers::snapshot::{AnswerError, Snapshot};
use crate::auth::Need;
use crate::codings::Coding;
use crate::current::Served;
use crate::problem::Problem;
use crate::rendered::Rendered;

/// Bytes of most answers, so that few grow while they are written.
const BODY_BYTES: usize = 4 << 10;

/// The pattern of the route that answered: what logs and metrics name, because paths hold members' ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route(pub(crate) &'static str);

/// The answer to a GET request that was made before for the same caller, so that neither its route nor their right is looked for again.
/// Visitors' is: each of their requests counts.
pub(crate) fn again(app: &App, asked: &Asked) -> Option<Response> {
    if !asked.caller.is_known() {
        return None;
    }
    let (route, rendered) = app.current.served()?.kept.get(&asked.key())?;
    Some(named(route, conditional(asked, rendered)))
}

/// Answers a GET request of who may be told, from the current snapshot, which stays the same one for the whole request.
pub(crate) fn from_snapshot(
    route: &'static str,
    need: Need<'_>,
    (app, asked): (&App, &Asked),
    answer: impl FnOnce(&Snapshot) -> Result<Rendered, Problem>,
) -> Response {
    let rendered = served(app, asked, need).and_then(|served| served.kept.get_or(asked.key(), route, || answer(&served.snapshot)));
    named(route, rendered.map_or_else(Problem::into_response, |rendered| conditional(asked, rendered)))
}

/// The same for a POST request, whose body decides, so that its answer is made for it alone.
pub(crate) fn posted_to_snapshot(
    route: &'static str,
    need: Need<'_>,
    (app, asked): (&App, &Asked),
    answer: impl FnOnce(&Snapshot) -> Result<Rendered, Problem>,
) -> Response {
    let rendered = served(app, asked, need).and_then(|served| answer(&served.snapshot));
    named(route, rendered.map_or_else(Problem::into_response, |rendered| conditional(asked, rendered)))
}

fn served(app: &App, asked: &Asked, need: Need<'_>) -> Result<Arc<Served>, Problem> {
    asked.caller.check(need)?;
    app.current.served().ok_or_else(|| Problem::unavailable("no snapshot has been published yet"))
}

/// The same for a route with a member's id in its path.
pub(crate) fn of_member(
    route: &'static str,
    need: fn(&str) -> Need<'_>,
    (app, asked, id): (&App, &Asked, &str),
    answer: impl FnOnce(&Snapshot, &str) -> Result<Rendered, Problem>,
) -> Response {
    match decode_id(id) {
        Ok(id) => from_snapshot(route, need(&id), (app, asked), |snapshot| answer(snapshot, &id)),
        Err(problem) => named(route, problem.into_response()),
    }
}

/// An answer's JSON, and a validator that differs between snapshots and between bodies.
pub(crate) fn render(snapshot: &Snapshot, answer: &impl Serialize) -> Result<Rendered, Problem> {
    let mut body = Vec::with_capacity(BODY_BYTES);
    serde_json::to_writer(&mut body, answer).map_err(|error| failed(&AnswerError::Json(error)))?;
    body.shrink_to_fit();
    Ok(Rendered::new(snapshot.stamp().number, body))
}

/// What the client is told of an answer that there isn't; the log is told more.
pub(crate) fn problem_of(error: AnswerError) -> Problem {
    match error {
        AnswerError::Missing(_) => Problem::not_found(error.to_string()),
        _ => failed(&error),
    }
}

/// Names the route on its response.
pub(crate) fn named(route: &'static str, mut response: Response) -> Response {
    response.extensions_mut().insert(Route(route));
    response
}

fn failed(error: &AnswerError) -> Problem {
    tracing::error!(error = error as &dyn std::error::Error, "the snapshot's file can't answer; publish again or restore it");
    Problem::internal()
}

fn conditional(asked: &Asked, rendered: Rendered) -> Response {
    let sent = asked.if_none_match().zip(rendered.etag.to_str().ok());
    let unchanged = sent.is_some_and(|(sent, etag)| matches(sent, etag));
    let mut response = Response::default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, rendered.caching);
    headers.insert(ETAG, rendered.etag);
    headers.extend(rendered.vary.map(|name| (VARY, HeaderValue::from(name))));
    headers.extend((rendered.coding == Coding::Gzip).then_some((CONTENT_ENCODING, HeaderValue::from_static("gzip"))));
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = rendered.body.into();
    }
    response
}

/// Weak comparison, as If-None-Match wants it.
pub(super) fn matches(sent: &str, etag: &str) -> bool {
    sent.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn validators_are_compared_weakly() {
        for (sent, expected) in
            [("\"1-a\"", true), ("W/\"1-a\"", true), ("\"x\", \"1-a\"", true), ("*", true), ("\"1-b\"", false), ("", false)]
        {
            assert_eq!(matches(sent, "\"1-a\""), expected, "{sent}");
        }
    }
}
