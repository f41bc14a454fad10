//! Which coding of a body a client takes: gzip where it says so, else as it is.

use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::header::ACCEPT_ENCODING;

/// How a body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
}

/// The coding that a request prefers.
pub(super) fn coding() -> BoxedFilter<(Coding,)> {
    let sent = warp::header::optional::<String>(ACCEPT_ENCODING.as_str()).or(warp::any().map(|| None)).unify();
    sent.map(|accepted: Option<String>| preferred(accepted.as_deref().unwrap_or_default())).boxed()
}

/// Gzip if its weight is not 0 and not less than that of identity (RFC 9110); what is not named is as `*` says. Whoever refuses both
/// gets identity: better than nothing.
fn preferred(accepted: &str) -> Coding {
    let weight = |names: &[&str]| weights(accepted).find(|(name, _)| names.iter().any(|n| name.eq_ignore_ascii_case(n))).map(|(_, w)| w);
    let any = weight(&["*"]);
    let gzip = weight(&["gzip", "x-gzip"]).or(any).unwrap_or(0.0);
    let identity = weight(&["identity"]).unwrap_or(0.0);
    if gzip > 0.0 && gzip >= identity { Coding::Gzip } else { Coding::Identity }
}

/// Codings and their weights; one whose weight is no number from 0 to 1 is passed over.
fn weights(accepted: &str) -> impl Iterator<Item = (&str, f32)> {
    accepted.split(',').filter_map(|range| {
        let (name, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok())?;
        (0.0..=1.0).contains(&weight).then(|| (name.trim(), weight))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide() {
        for (accepted, expected) in [
            ("gzip, deflate, br", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("GZIP;q=0.5", Coding::Gzip),
            ("*", Coding::Gzip),
            ("", Coding::Identity),
            ("br", Coding::Identity),
            ("identity", Coding::Identity),
            ("gzip;q=0", Coding::Identity),
            ("gzip;q=0, *", Coding::Identity),
            ("identity;q=1, gzip;q=0.5", Coding::Identity),
            ("identity;q=0.5, gzip", Coding::Gzip),
            ("gzip;q=x", Coding::Identity),
            ("gzip;q=7", Coding::Identity),
            ("*;q=0", Coding::Identity),
            ("identity;q=0", Coding::Identity),
        ] {
            assert_eq!(preferred(accepted), expected, "`{accepted}`");
        }
    }
}
