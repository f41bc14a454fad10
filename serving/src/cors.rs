//! Which other origins' pages may ask: those on a list, and no other. A page of another origin gets no header, so its browser keeps the
//! answer from it.

use warp::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use warp::http::{Method, Request, StatusCode};
use warp::reply::Response;

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST");
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, if-none-match, accept-language, x-request-id, traceparent");
const EXPOSED: HeaderValue = HeaderValue::from_static("etag, retry-after, x-request-id");
/// How long a browser may remember the answer.
const MAX_AGE_S: HeaderValue = HeaderValue::from_static("600");

/// The allowed origins; empty: none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cors(Vec<HeaderValue>);

impl Cors {
    /// Takes origins that were checked.
    pub(crate) fn new(origins: Vec<HeaderValue>) -> Self {
        Self(origins)
    }

    /// The answer to a browser that asks whether it may ask.
    pub(crate) fn preflight<B>(&self, request: &Request<B>) -> Option<Response> {
        let headers = request.headers();
        let asks =
            request.method() == Method::OPTIONS && headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks || self.allowed(headers).is_none() {
            return None;
        }
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
        let sent = [(ACCESS_CONTROL_ALLOW_METHODS, METHODS), (ACCESS_CONTROL_ALLOW_HEADERS, HEADERS), (ACCESS_CONTROL_MAX_AGE, MAX_AGE_S)];
        response.headers_mut().extend(sent);
        Some(response)
    }

    /// The allowed origin that a request is from.
    pub(crate) fn allowed(&self, headers: &HeaderMap) -> Option<&HeaderValue> {
        let origin = headers.get(ORIGIN)?;
        self.0.iter().find(|allowed| *allowed == origin)
    }

    /// Says on an answer who may read it.
    pub(crate) fn mark(&self, allowed: Option<HeaderValue>, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        headers.append(VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = allowed {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}
