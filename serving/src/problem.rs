//! What a client is told when there is no answer: RFC 9457 problem details. What the log is told is another text.

use std::borrow::Cow;
use std::convert::Infallible;

use serde::Serialize;
use warp::Reply;
use warp::http::StatusCode;
use warp::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use warp::reject::{LengthRequired, MethodNotAllowed, PayloadTooLarge, Reject, Rejection};
use warp::reply::Response;

/// Seconds after which a client may try again where nothing is ready.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// A refusal with its reason, for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: Cow<'static, str>,
    /// What tells the client how to go on.
    header: Option<(HeaderName, HeaderValue)>,
}

/// A path that takes nothing but POST was asked in another way.
#[derive(Debug)]
pub(crate) struct PostOnly;

impl Reject for PostOnly {}

/// The wire form.
#[derive(Serialize)]
struct Details<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, detail: detail.into(), header: None }
    }

    fn with(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { header: Some((name, value)), ..self }
    }

    pub(crate) fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// No token was shown.
    pub(crate) fn token_needed() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "this needs a token: `Authorization: Bearer …`")
            .with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// A token was shown that can't be trusted.
    pub(crate) fn invalid_token(detail: impl Into<Cow<'static, str>>) -> Self {
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        Self::new(StatusCode::UNAUTHORIZED, detail).with(WWW_AUTHENTICATE, challenge)
    }

    pub(crate) fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// Asked too often; `seconds` until the next request may come.
    pub(crate) fn too_many(seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too many requests; `Retry-After` says when to ask again")
            .with(RETRY_AFTER, HeaderValue::from(seconds))
    }

    pub(crate) fn unavailable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).with(RETRY_AFTER, RETRY_AFTER_SECONDS)
    }

    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "the sidecar failed to answer; its log says why, under this `x-request-id`")
    }

    pub(crate) fn method_not_allowed() -> Self {
        let allowed = HeaderValue::from_static("GET, HEAD");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered here").with(ALLOW, allowed)
    }

    fn post_only() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "only POST is answered here").with(ALLOW, HeaderValue::from_static("POST"))
    }

    fn body(&self) -> Vec<u8> {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let details = Details { r#type: "about:blank", title, status: self.status.as_u16(), detail: &self.detail };
        serde_json::to_vec(&details).expect("strings and a number are always JSON")
    }
}

impl Reply for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(self.body().into());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.header);
        response
    }
}

/// What no route answered. A route that knows the path answers for itself, so what is left is a wrong path or method.
pub(crate) async fn of_rejection(rejection: Rejection) -> Result<Response, Infallible> {
    let problem = if rejection.find::<PostOnly>().is_some() {
        Problem::post_only()
    } else if rejection.find::<LengthRequired>().is_some() {
        Problem::new(StatusCode::LENGTH_REQUIRED, "the body needs a `Content-Length`")
    } else if rejection.find::<PayloadTooLarge>().is_some() {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")
    } else if rejection.find::<MethodNotAllowed>().is_some() {
        Problem::method_not_allowed()
    } else {
        Problem::not_found("there is nothing at this path")
    };
    Ok(problem.into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_problem_details() {
        let body = Problem::bad_request("`limit` is `x`").body();
        let expected = r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"`limit` is `x`"}"#;
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}
