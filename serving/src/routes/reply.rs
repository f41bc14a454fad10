//! From an answer to a response: its JSON, its validator, its caching, and the name of its route.

use std::sync::Arc;

use serde::Serialize;
use warp::Reply;
use warp::http::StatusCode;
use warp::http::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, VARY,
};
use warp::reply::Response;

use super::app::App;
use super::request::{Asked, decode_id};
use crate::answers::snapshot::{AnswerError, Snapshot};
use crate::auth::Need;
use crate::codings::{Coding, Compression, compressed};
use crate::problem::Problem;

/// The site may keep an answer for a minute, and a day longer if the sidecar is away. Private, because it is about one member.
const CACHING: HeaderValue = HeaderValue::from_static("private, max-age=60, stale-if-error=86400");

/// The pattern of the route that answered: what logs and metrics name, because paths hold members' ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route(pub(crate) &'static str);

/// A body and the validator of the snapshot it is from.
pub(crate) struct Rendered {
    body: Vec<u8>,
    etag: String,
    /// The request's header that the body depends on.
    vary: Option<HeaderName>,
    coding: Coding,
    caching: HeaderValue,
}

impl Rendered {
    /// Says that other languages may get another body.
    pub(crate) fn by_language(self) -> Self {
        Self { vary: Some(ACCEPT_LANGUAGE), ..self }
    }

    /// Says that it may be large, so that whoever takes it compressed gets it so. Rows of tables repeat themselves: a tenth is left.
    pub(crate) fn large(self, asked: &Asked) -> Self {
        let etag = match asked.coding {
            Coding::Identity => self.etag,
            Coding::Gzip => format!("{}-gzip\"", self.etag.trim_end_matches('"')),
        };
        Self { etag, vary: Some(ACCEPT_ENCODING), coding: asked.coding, ..self }
    }

    /// The body as it is sent.
    fn sent(self) -> Vec<u8> {
        match self.coding {
            Coding::Identity => self.body,
            // Most of the gain, at a tenth of the time that the best would take.
            Coding::Gzip => compressed(&self.body, Compression::fast()),
        }
    }

    /// Says that nobody may keep it: what was posted decides it, which no cache compares.
    pub(crate) fn unstored(self) -> Self {
        Self { caching: HeaderValue::from_static("no-store"), ..self }
    }
}

/// Answers who may be told from the current snapshot, which stays the same one for the whole request.
pub(crate) fn from_snapshot(
    route: &'static str,
    need: Need<'_>,
    (app, asked): (&App, &Asked),
    answer: impl FnOnce(&Snapshot) -> Result<Rendered, Problem>,
) -> Response {
    let rendered = asked.caller.check(need).and_then(|()| {
        let snapshot: Option<Arc<Snapshot>> = app.current.snapshot();
        snapshot.map_or_else(|| Err(Problem::unavailable("no snapshot has been published yet")), |snapshot| answer(&snapshot))
    });
    named(route, rendered.map_or_else(Problem::into_response, |rendered| conditional(asked, rendered)))
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
    let body = serde_json::to_vec(answer).map_err(|error| failed(&AnswerError::Json(error)))?;
    let etag = format!("\"{}-{:08x}\"", snapshot.stamp().number, crc32fast::hash(&body));
    Ok(Rendered { body, etag, vary: None, coding: Coding::Identity, caching: CACHING })
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
    let unchanged = asked.if_none_match.as_deref().is_some_and(|sent| matches(sent, &rendered.etag));
    let mut response = Response::default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, rendered.caching.clone());
    headers.extend(rendered.vary.clone().map(|name| (VARY, HeaderValue::from(name))));
    headers.extend((rendered.coding == Coding::Gzip).then_some((CONTENT_ENCODING, HeaderValue::from_static("gzip"))));
    // Digits and dashes in quotes: always a header value.
    headers.extend(HeaderValue::try_from(&rendered.etag).ok().map(|etag| (ETAG, etag)));
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = rendered.sent().into();
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
