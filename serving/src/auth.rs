//! Who may ask. For now only this machine, unless the operator takes responsibility: there are no tokens yet.

use std::net::SocketAddr;

/// The address can be reached from elsewhere, and nobody said that this is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{listen}` can be reached from other machines, and the sidecar has no authentication yet; listen on 127.0.0.1, or put it \
     behind the site's proxy and pass `--allow-remote`"
)]
pub struct RemoteRefused {
    /// The address asked for.
    pub listen: SocketAddr,
}

/// How far the listening address may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This machine only.
    Loopback,
    /// Anyone; the operator answers for who gets through.
    Remote,
}

/// Refuses an address that reaches further than allowed.
pub(crate) fn check_reach(listen: SocketAddr, allowed: Reach) -> Result<(), RemoteRefused> {
    if listen.ip().to_canonical().is_loopback() || allowed == Reach::Remote { Ok(()) } else { Err(RemoteRefused { listen }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(listen: &str, allowed: Reach, fine: bool) {
        assert_eq!(check_reach(listen.parse().unwrap(), allowed).is_ok(), fine, "{listen} {allowed:?}");
    }

    #[test]
    fn only_loopback_unless_allowed() {
        check("127.0.0.1:80", Reach::Loopback, true);
        check("127.8.9.1:80", Reach::Loopback, true);
        check("[::1]:80", Reach::Loopback, true);
        check("[::ffff:127.0.0.1]:80", Reach::Loopback, true);
        check("0.0.0.0:80", Reach::Loopback, false);
        check("[::]:80", Reach::Loopback, false);
        check("192.168.1.2:80", Reach::Loopback, false);
        check("192.168.1.2:80", Reach::Remote, true);
    }
}
