//! How an access log is read: URL patterns to events, what is an asset, what is a health check.

use std::collections::{BTreeMap, BTreeSet};

use matchit::Router;
use percent_encoding::percent_decode_str;
use thiserror::Error;

const ASSETS: &[&str] = &[
    "avif", "bmp", "css", "eot", "gif", "ico", "jpeg", "jpg", "js", "map", "mp3", "mp4", "otf", "png", "svg", "ttf", "webm", "webp",
    "woff", "woff2",
];
const HEALTH_CHECKS: &[&str] = &["/health", "/healthz", "/livez", "/ping", "/readyz"];
const SESSION_PARAMS: &[&str] =
    &["gclid", "fbclid", "jsessionid", "phpsessid", "sessionid", "sid", "utm_campaign", "utm_medium", "utm_source"];

/// A URL pattern that can't be used.
#[derive(Debug, Error)]
#[error("a pattern such as `/courses/{{course_id}}`, each path matched by one pattern only: {source}")]
pub struct RouteError {
    pattern: String,
    #[source]
    source: matchit::InsertError,
}

impl RouteError {
    /// The pattern.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }
}

/// What a path means on this site.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Route<'a> {
    /// Event of the matching pattern.
    pub event: Option<&'a str>,
    /// `{course_id}` of the pattern, percent-decoded.
    pub course_id: Option<String>,
    /// `{lesson_id}` of the pattern, percent-decoded.
    pub lesson_id: Option<String>,
}

/// The rules of `[sources.access_log]`.
#[derive(Debug, Clone)]
pub struct AccessLogRules {
    routes: Router<String>,
    assets: BTreeSet<String>,
    health_checks: BTreeSet<String>,
    session_params: BTreeSet<String>,
}

impl Default for AccessLogRules {
    fn default() -> Self {
        Self { routes: Router::new(), assets: owned(ASSETS), health_checks: owned(HEALTH_CHECKS), session_params: owned(SESSION_PARAMS) }
    }
}

impl AccessLogRules {
    /// From what was written; absent lists take the defaults.
    ///
    /// # Errors
    /// When two patterns match the same path, or one is malformed.
    pub fn new(
        routes: &BTreeMap<String, String>,
        assets: Option<&[String]>,
        health_checks: Option<&[String]>,
        session_params: Option<&[String]>,
    ) -> Result<Self, RouteError> {
        let mut router = Router::new();
        for (pattern, event) in routes {
            router.insert(pattern.clone(), event.clone()).map_err(|source| RouteError { pattern: pattern.clone(), source })?;
        }
        let listed = |written: Option<&[String]>, default| written.map_or_else(|| owned(default), lowercase);
        Ok(Self {
            routes: router,
            assets: listed(assets, ASSETS),
            health_checks: listed(health_checks, HEALTH_CHECKS),
            session_params: listed(session_params, SESSION_PARAMS),
        })
    }

    /// Event and ids of `path`, which has no query.
    #[must_use]
    pub fn route(&self, path: &str) -> Route<'_> {
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        let Ok(matched) = self.routes.at(path) else { return Route::default() };
        let parameter = |name| matched.params.get(name).map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
        Route { event: Some(matched.value), course_id: parameter("course_id"), lesson_id: parameter("lesson_id") }
    }

    /// Whether `path` ends like a style sheet, an image or the like.
    #[must_use]
    pub fn is_asset(&self, path: &str) -> bool {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.rsplit_once('.').is_some_and(|(_, ending)| self.assets.contains(&ending.to_ascii_lowercase()))
    }

    /// Whether only machines ask for `path`.
    #[must_use]
    pub fn is_health_check(&self, path: &str) -> bool {
        self.health_checks.contains(path)
    }

    /// Whether the query parameter `name` carries a session.
    #[must_use]
    pub fn is_session_param(&self, name: &str) -> bool {
        self.session_params.contains(&name.to_ascii_lowercase())
    }
}

fn owned(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&s| s.to_owned()).collect()
}

fn lowercase(list: &[String]) -> BTreeSet<String> {
    list.iter().map(|s| s.trim_start_matches('.').to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> AccessLogRules {
        let routes = [("/courses/{course_id}", "course_view"), ("/courses/{course_id}/lessons/{lesson_id}", "lesson_view")];
        let routes = routes.map(|(p, e)| (p.to_owned(), e.to_owned())).into();
        AccessLogRules::new(&routes, None, None, None).expect("valid patterns")
    }

    #[test]
    fn routes_name_events_and_ids() {
        let rules = rules();
        let route = rules.route("/courses/rust%20%E5%85%A5%E9%97%A8/lessons/3/");
        assert_eq!(route.event, Some("lesson_view"));
        assert_eq!(route.course_id.as_deref(), Some("rust 入门"));
        assert_eq!(route.lesson_id.as_deref(), Some("3"));
        assert_eq!(rules.route("/about"), Route::default());
    }

    #[test]
    fn assets_are_told_by_their_ending() {
        assert!(rules().is_asset("/static/App.CSS"));
        assert!(!rules().is_asset("/courses/node.js-basics/about"));
    }

    #[test]
    fn conflicting_patterns_are_refused() {
        let routes = [("/a/{x}", "one"), ("/a/{y}", "two")].map(|(p, e)| (p.to_owned(), e.to_owned())).into();
        assert_eq!(AccessLogRules::new(&routes, None, None, None).expect_err("conflict").pattern(), "/a/{y}");
    }
}
