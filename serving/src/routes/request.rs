//! What every route reads of a request besides its path.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::header::{ACCEPT_LANGUAGE, IF_NONE_MATCH};

use crate::problem::Problem;

/// A GET or HEAD request's query, validator and languages, as sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) query: String,
    pub(crate) if_none_match: Option<String>,
    pub(crate) accept_language: Option<String>,
}

/// Takes GET and HEAD; anything else is not allowed.
pub(crate) fn asked() -> BoxedFilter<(Asked,)> {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    // One that can't be text matches nothing.
    let text = |name: &'static str| warp::header::optional(name).or(warp::any().map(|| None)).unify();
    let (if_none_match, accept_language) = (text(IF_NONE_MATCH.as_str()), text(ACCEPT_LANGUAGE.as_str()));
    let sent = warp::get().or(warp::head()).unify().and(query).and(if_none_match).and(accept_language);
    sent.map(|query, if_none_match, accept_language| Asked { query, if_none_match, accept_language }).boxed()
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
    fn ids_may_hold_anything() {
        assert_eq!(decode_id("a%2Fb%20%E4%B8%AD").unwrap(), "a/b 中");
        assert_eq!(decode_id("a+b").unwrap(), "a+b");
        assert!(decode_id("%FF").is_err());
    }
}
