//! Paths without what names a session, and the host of a referer.

use super::AccessLogRules;

/// `path` without session parameters and fragment.
#[must_use]
pub fn clean(path: &str, rules: &AccessLogRules) -> String {
    let path = path.split_once('#').map_or(path, |(before, _)| before);
    let Some((route, query)) = path.split_once('?') else { return path.to_owned() };
    let is_kept = |part: &&str| !part.is_empty() && !rules.is_session_param(part.split_once('=').map_or(part, |(name, _)| name));
    let kept: Vec<&str> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() { route.to_owned() } else { format!("{route}?{}", kept.join("&")) }
}

/// `path` without its query.
#[must_use]
pub fn route_part(path: &str) -> &str {
    path.split_once('?').map_or(path, |(route, _)| route)
}

/// Host of a referer, without the rest, which may name people.
#[must_use]
pub fn host(referer: &str) -> Option<&str> {
    let (_, rest) = referer.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_what_names_a_session() {
        let rules = AccessLogRules::default();
        assert_eq!(clean("/a?PHPSESSID=1&q=rust&gclid=2#top", &rules), "/a?q=rust");
        assert_eq!(clean("/a?sid=1", &rules), "/a");
        assert_eq!(clean("/a", &rules), "/a");
    }

    #[test]
    fn keeps_the_host_only() {
        assert_eq!(host("https://user:pw@example.org:8080/x?y"), Some("example.org:8080"));
        assert_eq!(host("-"), None);
    }
}
