//! How far the listening address may reach: this machine alone, unless whoever asks must show a token.

use std::net::SocketAddr;

/// The address can be reached from elsewhere, and nobody would be asked who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{listen}` can be reached from other machines, where everybody could ask about every member; listen on 127.0.0.1, or say with \
     `--tokens` who may ask"
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
    /// Anyone, because tokens say who gets through.
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
