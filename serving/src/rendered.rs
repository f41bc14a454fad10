//! Answers as they are sent, and those of one snapshot that were asked for of late: a page is looked at again, and so is what is
//! on it.

use hyper::body::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use warp::http::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderName, HeaderValue};
use warp::http::uri::PathAndQuery;

use crate::codings::{Coding, Compression, compressed};
use crate::problem::Problem;

/// The site may keep an answer for a minute, and a day longer if the sidecar is away. Private, because it is about one member.
const CACHING: HeaderValue = HeaderValue::from_static("private, max-age=60, stale-if-error=86400");
/// Bytes of answers that are kept.
const KEPT_BYTES: u64 = 8 << 20;
/// What an answer costs beside its body: its key, its validator, its place.
const EXTRA_BYTES: u64 = 512;
/// Bytes of an answer as the cache expects them, for the size of its tables.
const EXPECTED_BYTES: usize = 2 << 10;

/// A body as it is sent, and what its headers say. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Rendered {
    pub(crate) body: Bytes,
    /// Differs between snapshots and between bodies.
    pub(crate) etag: HeaderValue,
    /// The request's header that the body depends on.
    pub(crate) vary: Option<HeaderName>,
    pub(crate) coding: Coding,
    pub(crate) caching: HeaderValue,
}

impl Rendered {
    /// The body of an answer from the snapshot of that number.
    pub(crate) fn new(snapshot: u64, body: Vec<u8>) -> Self {
        let validator = format!("\"{snapshot}-{:08x}\"", crc32fast::hash(&body));
        Self { body: body.into(), etag: header(&validator), vary: None, coding: Coding::Identity, caching: CACHING }
    }

    /// Says that other languages may get another body.
    pub(crate) fn by_language(self) -> Self {
        Self { vary: Some(ACCEPT_LANGUAGE), ..self }
    }

    /// Says that it may be large, so that whoever takes it compressed gets it so. Rows of tables repeat themselves: a tenth is left.
    pub(crate) fn large(self, coding: Coding) -> Self {
        let large = Self { vary: Some(ACCEPT_ENCODING), coding, ..self };
        match coding {
            Coding::Identity => large,
            Coding::Gzip => large.gzipped(),
        }
    }

    /// Says that nobody may keep it: what was posted decides it, which no cache compares.
    pub(crate) fn unstored(self) -> Self {
        Self { caching: HeaderValue::from_static("no-store"), ..self }
    }

    fn gzipped(self) -> Self {
        let plain = self.etag.to_str().unwrap_or_default().trim_end_matches('"').to_owned();
        // Most of the gain, at a tenth of the time that the best would take.
        let body = compressed(&self.body, Compression::fast()).into();
        Self { body, etag: header(&format!("{plain}-gzip\"")), ..self }
    }
}

/// Digits, letters and dashes in quotes: always a header's value.
fn header(validator: &str) -> HeaderValue {
    HeaderValue::from_str(validator).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

/// All that an answer depends on beside the snapshot, and whether there is one: who asks for what, and how it is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) caller: &'static str,
    /// Who asks with a token of their own.
    pub(crate) member: Option<String>,
    pub(crate) target: Option<PathAndQuery>,
    pub(crate) language: Option<HeaderValue>,
    pub(crate) coding: Coding,
}

/// An answer, and the route that made it.
type Made = (&'static str, Rendered);

/// Answers from one snapshot, gone with it.
#[derive(Debug)]
pub(crate) struct Kept(Cache<Key, Made, Weight>);

impl Default for Kept {
    fn default() -> Self {
        Self(Cache::with_weighter(KEPT_BYTES as usize / EXPECTED_BYTES, KEPT_BYTES, Weight))
    }
}

impl Kept {
    /// The answer that was made before.
    pub(crate) fn get(&self, key: &Key) -> Option<Made> {
        self.0.get(key)
    }

    /// The answer that was made before, or the route's own. What is no answer is not kept.
    pub(crate) fn get_or(
        &self,
        key: Key,
        route: &'static str,
        make: impl FnOnce() -> Result<Rendered, Problem>,
    ) -> Result<Rendered, Problem> {
        if let Some((_, rendered)) = self.0.get(&key) {
            return Ok(rendered);
        }
        let rendered = make()?;
        self.0.insert(key, (route, rendered.clone()));
        Ok(rendered)
    }
}

/// Counts an answer's bytes.
#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Key, Made> for Weight {
    fn weight(&self, key: &Key, (_, rendered): &Made) -> u64 {
        let member = key.member.as_ref().map_or(0, String::len);
        let target = key.target.as_ref().map_or(0, |target| target.as_str().len());
        let language = key.language.as_ref().map_or(0, HeaderValue::len);
        EXTRA_BYTES + (rendered.body.len() + member + target + language) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(target: &str) -> Key {
        Key { caller: "site", member: None, target: Some(target.parse().unwrap()), language: None, coding: Coding::Identity }
    }

    #[test]
    fn an_answer_is_made_once_for_all_that_it_depends_on() {
        let kept = Kept::default();
        let ask = |key: Key, body: &str| kept.get_or(key, "/a", || Ok(Rendered::new(1, body.into()))).unwrap().body;
        assert_eq!(ask(key("/a?b"), "first"), "first");
        assert_eq!(ask(key("/a?b"), "second"), "first");
        assert_eq!(ask(key("/a?c"), "third"), "third");
        assert_eq!(ask(Key { caller: "operator", ..key("/a?b") }, "fourth"), "fourth");
        assert_eq!(ask(Key { coding: Coding::Gzip, ..key("/a?b") }, "fifth"), "fifth");
        assert_eq!(ask(Key { member: Some("ann".to_owned()), ..key("/a?b") }, "seventh"), "seventh");
        assert_eq!(ask(Key { language: Some(HeaderValue::from_static("zh")), ..key("/a?b") }, "sixth"), "sixth");
    }

    #[test]
    fn what_failed_is_asked_again() {
        let kept = Kept::default();
        assert!(kept.get_or(key("/a"), "/a", || Err(Problem::internal())).is_err());
        assert!(kept.get_or(key("/a"), "/a", || Ok(Rendered::new(1, Vec::new()))).is_ok());
    }

    #[test]
    fn they_have_a_bound() {
        let kept = Kept::default();
        for member in 0..100_000 {
            kept.get_or(key(&format!("/{member}")), "/a", || Ok(Rendered::new(1, vec![b'x'; 2048]))).unwrap();
        }
        assert!((1..=KEPT_BYTES).contains(&kept.0.weight()), "{}", kept.0.weight());
    }

    #[test]
    fn forms_have_validators_of_their_own() {
        let plain = Rendered::new(7, b"[]".to_vec());
        let large = plain.clone().large(Coding::Gzip);
        assert!(plain.etag.to_str().unwrap().starts_with("\"7-"));
        assert_eq!(large.etag.to_str().unwrap().replace("-gzip", ""), plain.etag.to_str().unwrap());
        assert_ne!(large.etag, plain.etag);
        assert_eq!(plain.clone().large(Coding::Identity).etag, plain.etag);
    }
}
