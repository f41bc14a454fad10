//! Every limit of the server, by name, and the refusals that need only a request's head.

use std::time::Duration;

use warp::http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use warp::http::{Method, Request, StatusCode};

use crate::problem::Problem;
use crate::routes::BODY_BYTES_MAX;

/// Open connections; further ones wait in the system's queue.
pub(crate) const CONNECTIONS_MAX: usize = 1024;
/// From a connection's start, or its last answer, to the end of the next request's head.
pub(crate) const HEADER_READ_LIMIT: Duration = Duration::from_secs(5);
/// From the head to the answer.
pub(crate) const REQUEST_LIMIT: Duration = Duration::from_secs(2);
/// How long a client may take nothing of an answer that waits for it.
pub(crate) const WRITE_STALL_LIMIT: Duration = Duration::from_secs(5);
/// A connection older than this is closed after its next answer, so that one who reads a little at a time can't hold a slot for ever.
pub(crate) const CONNECTION_AGE_MAX: Duration = Duration::from_mins(10);
/// From when nobody new is let in until connections are cut.
pub(crate) const DRAIN_LIMIT: Duration = Duration::from_secs(10);
/// Bytes of a connection's read buffer. Twice what a head may have, so that a head that is too large is refused with a reason.
pub(crate) const BUFFER_BYTES: usize = 2 * HEAD_BYTES_MAX;
/// Headers that the parser takes, for the same reason.
pub(crate) const PARSED_HEADERS_MAX: usize = 2 * HEADERS_MAX;

const HEADERS_MAX: usize = 64;
const HEAD_BYTES_MAX: usize = 16 << 10;
const URI_BYTES_MAX: usize = 4 << 10;
/// `: ` and the line's end.
const HEADER_LINE_EXTRA_BYTES: usize = 4;

/// Why a request doesn't reach the routes, if it doesn't.
pub(crate) fn refusal<B>(request: &Request<B>) -> Option<Problem> {
    let uri = request.uri();
    // The router panics on targets without a path, which CONNECT has.
    let Some(path) = uri.path_and_query().filter(|_| request.method() != Method::CONNECT) else {
        return Some(Problem::method_not_allowed());
    };
    if path.as_str().len() > URI_BYTES_MAX {
        return Some(Problem::new(StatusCode::URI_TOO_LONG, format!("the path and query have more than {URI_BYTES_MAX} bytes")));
    }
    refused_headers(request.headers())
}

fn refused_headers(headers: &HeaderMap) -> Option<Problem> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + HEADER_LINE_EXTRA_BYTES).sum();
    if headers.len() > HEADERS_MAX || bytes > HEAD_BYTES_MAX {
        let detail = format!("there are more than {HEADERS_MAX} headers, or more than {HEAD_BYTES_MAX} bytes of them");
        return Some(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail));
    }
    // What says its length twice is read differently by different proxies.
    if headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING) {
        return Some(Problem::bad_request("there are both `Content-Length` and `Transfer-Encoding`"));
    }
    let body_bytes = headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse::<u64>().ok()?;
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than {BODY_BYTES_MAX} bytes"));
    (body_bytes > BODY_BYTES_MAX).then(too_large)
}
