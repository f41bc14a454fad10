//! GET /, /assets/… and /embed.js: the page for people, its files, and the widget. They hold no data, so anybody may read them.

use std::sync::Arc;

use hachi_snapshot::Language;
use warp::filters::BoxedFilter;
use warp::filters::path::Tail;
use warp::http::StatusCode;
use warp::http::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, HeaderName, HeaderValue, REFERRER_POLICY, VARY,
};
use warp::reply::Response;
use warp::{Filter, Reply};

use super::languages::{self, language};
use super::query::Query;
use super::reply::{matches, named};
use super::request::{Asked, asked};
use crate::codings::Coding;
use crate::pages::{self, CHINESE, ENGLISH, File, WIDGET};
use crate::problem::Problem;

/// Nothing but the sidecar's own files, and nobody may frame the page. The pictures and styles of charts are made by script.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
);
/// Asked for again at every visit, so that a page never mixes files of two versions; unchanged ones are not sent.
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");
/// On every page of the site: worth keeping for an hour.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600, stale-while-revalidate=86400, stale-if-error=604800");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

pub(crate) fn all() -> BoxedFilter<(Response,)> {
    let dashboard = warp::path::end().and(asked()).map(|asked: Arc<Asked>| {
        let response = dashboard(&asked).unwrap_or_else(Problem::into_response);
        named("/", response)
    });
    let assets = warp::path("assets").and(warp::path::tail()).and(asked());
    let assets = assets.map(|name: Tail, asked: Arc<Asked>| {
        let response = asset(name.as_str(), &asked).unwrap_or_else(Problem::into_response);
        named("/assets/{name}", response)
    });
    let widget = warp::path!("embed.js").and(asked()).map(|asked: Arc<Asked>| named("/embed.js", widget(&asked)));
    dashboard.or(assets).unify().or(widget).unify().boxed()
}

fn dashboard(asked: &Asked) -> Result<Response, Problem> {
    let query = Query::parse(asked.query(), &[languages::PARAMETER])?;
    let file = match language(&query, asked.accept_language())? {
        Language::Chinese => &*CHINESE,
        Language::English => &*ENGLISH,
    };
    let mut response = send(file, asked, REVALIDATED);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response.headers_mut().append(VARY, HeaderValue::from(ACCEPT_LANGUAGE));
    Ok(response)
}

fn asset(name: &str, asked: &Asked) -> Result<Response, Problem> {
    let file = pages::asset(name).ok_or_else(|| Problem::not_found("there is nothing at this path"))?;
    Ok(send(file, asked, REVALIDATED))
}

/// Sites load it from another origin: it is the same for everybody, so all may.
fn widget(asked: &Asked) -> Response {
    let mut response = send(&WIDGET, asked, KEPT);
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response.headers_mut().insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    response
}

fn send(file: &File, asked: &Asked, caching: HeaderValue) -> Response {
    let body = if asked.coding == Coding::Gzip { &file.gzip } else { &file.plain };
    let unchanged = asked.if_none_match().is_some_and(|sent| matches(sent, &body.etag));
    let mut response = if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { body.bytes.clone().into_response() };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type()));
    headers.insert(CACHE_CONTROL, caching);
    headers.insert(VARY, HeaderValue::from(ACCEPT_ENCODING));
    if asked.coding == Coding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    // Digits and letters in quotes: always a header value.
    headers.extend(HeaderValue::try_from(&body.etag).ok().map(|etag| (ETAG, etag)));
    response
}
