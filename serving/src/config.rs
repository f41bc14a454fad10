//! What was written on the command line (`Options`), and what it means (`Config`). Nothing here opens a socket or the lake.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hachi_snapshot::{Home, HomeError, KeyError, PseudonymKey, StoreUrl};
use warp::http::HeaderValue;

use crate::auth::{Guard, Reach, Register, RemoteRefused, TokensError, check_reach};
use crate::cors::Cors;

const MIB: u64 = 1 << 20;
/// From the order to stop until nobody new is let in. `/readyz` says it in the meantime, so that proxies send nobody any more.
const GRACE: Duration = Duration::from_secs(1);

/// Where in its folder a sidecar with a store keeps what it serves.
const SERVED: &str = "sidecar";

/// What was written. Flattens into any command line.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// The lake: the folder that the pipeline publishes to; with `--store` where the served files are kept
    #[arg(long, value_name = "DIR")]
    pub lake: PathBuf,
    /// The store that the pipeline publishes to; credentials, region and endpoint are read from the AWS_* variables
    #[arg(long, value_name = "s3://BUCKET/PREFIX", value_parser = place)]
    pub store: Option<StoreUrl>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,
    /// The pipeline's pseudonym key; without it the site must ask with pseudonyms, not with member ids
    #[arg(long, value_name = "FILE")]
    pub pseudonym_key: Option<PathBuf>,
    /// Who may ask: hashes of service tokens, and keys of members' tokens; without it the sidecar listens on this machine alone
    #[arg(long, value_name = "FILE")]
    pub tokens: Option<PathBuf>,
    /// An origin whose pages may ask, such as `https://example.org`; may be given several times
    #[arg(long = "cors", value_name = "ORIGIN")]
    pub cors: Vec<String>,
    /// Where impressions are kept for the next batch; without it none are taken
    #[arg(long, value_name = "DIR", requires = "pseudonym_key")]
    pub feedback: Option<PathBuf>,
    /// Impressions kept at most, in MiB; what comes after is refused
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub feedback_limit_mib: u64,
    /// How often to look for a new snapshot and for changed tokens, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub poll_seconds: u64,
}

/// What it means; made from [`Options`] only, so that its promises hold.
#[derive(Debug)]
pub struct Config {
    pub(crate) lake: PathBuf,
    pub(crate) home: Option<Home>,
    pub(crate) listen: SocketAddr,
    pub(crate) members: Members,
    pub(crate) guard: Guard,
    pub(crate) cors: Cors,
    pub(crate) feedback: Option<Kept>,
    pub(crate) poll: Duration,
    pub(crate) grace: Duration,
}

/// Where impressions are kept, and how many bytes of them.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) folder: PathBuf,
    pub(crate) limit_bytes: u64,
}

/// How the site names a member.
#[derive(Debug, Clone)]
pub(crate) enum Members {
    /// By its own id, which the key turns into the pseudonym.
    Ids(PseudonymKey),
    /// By the pseudonym itself, because the sidecar has no key.
    Pseudonyms,
}

impl Members {
    /// Fingerprint of the key, where there is one.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        match self {
            Self::Ids(key) => Some(key.fingerprint()),
            Self::Pseudonyms => None,
        }
    }
}

/// Why the options make no configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The address reaches further than allowed.
    #[error(transparent)]
    Remote(#[from] RemoteRefused),
    /// The key can't be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store can't be opened with what the environment says.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The tokens can't be used.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// No browser sends such an origin.
    #[error("`{origin}` is no origin; `--cors` takes a scheme and a host, such as `https://example.org`, without a path")]
    Origin {
        /// What was written.
        origin: String,
    },
}

/// What is typed as `--store`.
fn place(text: &str) -> Result<StoreUrl, String> {
    text.parse().map_err(|expected| format!("expected {expected}"))
}

#[expect(clippy::disallowed_methods, reason = "the environment is read here, for the store alone")]
fn home(url: &StoreUrl) -> Result<Home, HomeError> {
    Home::s3(url, std::env::vars_os())
}

/// The clock, for `/status` only.
#[expect(clippy::disallowed_methods, reason = "told to operators; no answer depends on it")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

impl Config {
    /// Checks the address, reads the key, and the environment where there is a store. Nothing is asked of the store yet.
    pub fn new(options: Options) -> Result<Self, ConfigError> {
        let allowed = if options.tokens.is_some() { Reach::Remote } else { Reach::Loopback };
        check_reach(options.listen, allowed)?;
        let guard = match &options.tokens {
            Some(file) => Guard::Tokens(Arc::new(Register::open(file, now())?)),
            None => Guard::Open,
        };
        let cors = Cors::new(options.cors.iter().map(|origin| checked_origin(origin)).collect::<Result<_, _>>()?);
        let limit_bytes = options.feedback_limit_mib * MIB;
        let feedback = options.feedback.map(|folder| Kept { folder, limit_bytes });
        let members = match &options.pseudonym_key {
            Some(file) => Members::Ids(PseudonymKey::load(file)?),
            None => Members::Pseudonyms,
        };
        let poll = Duration::from_secs(options.poll_seconds);
        let home = options.store.as_ref().map(home).transpose()?;
        // A folder of its own: what is not served any more is removed from it, and the pipeline's copy may be beside it.
        let lake = if home.is_some() { options.lake.join(SERVED) } else { options.lake };
        Ok(Self { lake, home, listen: options.listen, members, guard, cors, feedback, poll, grace: GRACE })
    }

    /// The same configuration, looking for a new snapshot and for changed tokens this often.
    pub fn with_poll(self, poll: Duration) -> Self {
        Self { poll, ..self }
    }

    /// The same configuration, letting new clients in for so long after it was told to stop.
    pub fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }
}

/// `scheme://host` or `scheme://host:port`, as browsers write it.
fn checked_origin(origin: &str) -> Result<HeaderValue, ConfigError> {
    let wrong = || ConfigError::Origin { origin: origin.to_owned() };
    let host = ["https://", "http://"].iter().find_map(|scheme| origin.strip_prefix(scheme)).ok_or_else(wrong)?;
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    if host.is_empty() || !host.bytes().all(fine) {
        return Err(wrong());
    }
    HeaderValue::from_str(origin).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_as_browsers_write_them() {
        for fine in ["https://example.org", "http://localhost:3000", "http://[::1]:80"] {
            assert!(checked_origin(fine).is_ok(), "{fine}");
        }
        for wrong in ["*", "null", "example.org", "https://example.org/", "https://Example.org", "https://", "https://*.example.org"] {
            assert!(checked_origin(wrong).is_err(), "{wrong}");
        }
    }
}
