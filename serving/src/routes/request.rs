//! What every route reads of a request besides its path: who asks, the query, the body.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::body::Bytes;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use warp::filters::BoxedFilter;
use warp::http::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderValue, IF_NONE_MATCH};
use warp::http::uri::PathAndQuery;
use warp::http::{Method, Request, StatusCode};
use warp::{Filter, Rejection};

use crate::auth::Caller;
use crate::codings::{Coding, preferred};
use crate::problem::{PostOnly, Problem};
use crate::rendered::Key;

/// Bytes of a body.
pub(crate) const BODY_BYTES_MAX: u64 = 64 << 10;

const JSON: &str = "application/json";

/// Who asks for what, and how it is wanted. Read once, where the request comes in.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) caller: Caller,
    pub(crate) coding: Coding,
    target: Option<PathAndQuery>,
    if_none_match: Option<HeaderValue>,
    accept_language: Option<HeaderValue>,
}

/// A POST request's JSON, and the rest of it.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) asked: Arc<Asked>,
    content_type: Option<String>,
    body: Bytes,
}

/// A whole number in a body, however it is written: `10` and `10.0` are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Whole(pub(crate) u32);

impl TryFrom<f64> for Whole {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        // A float-to-integer `as` saturates, so what comes back unchanged was whole and small enough.
        let whole = number as u32;
        if f64::from(whole).total_cmp(&number).is_eq() {
            Ok(Self(whole))
        } else {
            Err(format!("{number} is not a whole number from 0 to {}", u32::MAX))
        }
    }
}

impl Asked {
    pub(crate) fn new<B>(request: &Request<B>, caller: Caller) -> Self {
        let header = |name| request.headers().get(name).cloned();
        let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|sent| sent.to_str().ok());
        Self {
            caller,
            coding: accepted.map_or(Coding::Identity, preferred),
            target: request.uri().path_and_query().cloned(),
            if_none_match: header(IF_NONE_MATCH),
            accept_language: header(ACCEPT_LANGUAGE),
        }
    }

    /// What follows the `?`, as sent.
    pub(crate) fn query(&self) -> &str {
        self.target.as_ref().and_then(|target| target.query()).unwrap_or_default()
    }

    /// The validators that the client has; one that can't be text is none.
    pub(crate) fn if_none_match(&self) -> Option<&str> {
        self.if_none_match.as_ref()?.to_str().ok()
    }

    /// The languages that the client prefers.
    pub(crate) fn accept_language(&self) -> Option<&str> {
        self.accept_language.as_ref()?.to_str().ok()
    }

    /// All that an answer to a GET request depends on, beside the snapshot.
    pub(crate) fn key(&self) -> Key {
        let (caller, member) = (self.caller.kind(), self.caller.member().map(str::to_owned));
        Key { caller, member, target: self.target.clone(), language: self.accept_language.clone(), coding: self.coding }
    }
}

impl Posted {
    /// The body as what it should be. Only what says that it is JSON is read, because a page of any origin may post anything else.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let named = self.content_type.as_deref().and_then(|sent| sent.split(';').next());
        if !named.is_some_and(|named| named.trim().eq_ignore_ascii_case(JSON)) {
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the `Content-Type` must be application/json"));
        }
        serde_json::from_slice(&self.body).map_err(|error| Problem::bad_request(format!("the body is not what it should be: {error}")))
    }
}

/// Takes GET and HEAD; anything else is not allowed.
pub(crate) fn asked() -> impl Filter<Extract = (Arc<Asked>,), Error = Rejection> + Clone {
    warp::get().or(warp::head()).unify().and(warp::ext::get())
}

/// Takes POST with a body of known length; anything else is not allowed.
pub(crate) fn posted() -> BoxedFilter<(Posted,)> {
    let post =
        warp::method().and_then(|method| async move { if method == Method::POST { Ok(()) } else { Err(warp::reject::custom(PostOnly)) } });
    let body = warp::body::content_length_limit(BODY_BYTES_MAX).and(warp::body::bytes());
    let content_type = warp::header::optional(CONTENT_TYPE.as_str()).or(warp::any().map(|| None)).unify();
    let sent = post.untuple_one().and(warp::ext::get()).and(content_type).and(body);
    sent.map(|asked, content_type, body: Bytes| Posted { asked, content_type, body }).boxed()
}

/// An id in a path: percent-decoded, so that it may hold anything, `/` and Unicode too.
pub(crate) fn decode_id(segment: &str) -> Result<String, Problem> {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| Problem::bad_request("the id in the path is not UTF-8 once percent-decoded"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_may_be_written_as_others() {
        let read = |text| serde_json::from_str::<Whole>(text).ok().map(|whole| whole.0);
        assert_eq!((read("7"), read("7.0"), read("7e0"), read("0")), (Some(7), Some(7), Some(7), Some(0)));
        assert_eq!((read("7.5"), read("-1"), read("1e99"), read("\"7\"")), (None, None, None, None));
    }

    #[test]
    fn ids_may_hold_anything() {
        assert_eq!(decode_id("a%2Fb%20%E4%B8%AD").unwrap(), "a/b 中");
        assert_eq!(decode_id("a+b").unwrap(), "a+b");
        assert!(decode_id("%FF").is_err());
    }
}
