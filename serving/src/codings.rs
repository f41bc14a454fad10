//! How a body is sent: gzip to clients that say they take it, else as it is.

use std::io::Write;

pub(crate) use flate2::Compression;
use flate2::write::GzEncoder;

/// How a body is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    #[default]
    Identity,
    Gzip,
}

/// The same bytes in fewer.
pub(crate) fn compressed(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes what is written")
}

/// What a client's `Accept-Encoding` prefers: gzip if its weight is not 0 and not less than that of identity (RFC 9110); what is not named is as `*` says. Whoever refuses both
/// gets identity: better than nothing.
pub(crate) fn preferred(accepted: &str) -> Coding {
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
