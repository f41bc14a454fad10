//! What was written on the command line (`Options`), and what it means (`Config`). Nothing here opens a socket or the lake.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hachi_snapshot::{Home, HomeError, KeyError, PseudonymKey, StoreUrl};

use crate::auth::{Reach, RemoteRefused, check_reach};

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
    /// Listen on an address that other machines can reach. There is no authentication yet: put the sidecar behind the site's
    /// proxy
    #[arg(long)]
    pub allow_remote: bool,
    /// How often to look for a new snapshot, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub poll_seconds: u64,
}

/// What it means; made from [`Options`] only, so that its promises hold.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) lake: PathBuf,
    pub(crate) home: Option<Home>,
    pub(crate) listen: SocketAddr,
    pub(crate) members: Members,
    pub(crate) poll: Duration,
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
}

/// What is typed as `--store`.
fn place(text: &str) -> Result<StoreUrl, String> {
    text.parse().map_err(|expected| format!("expected {expected}"))
}

#[expect(clippy::disallowed_methods, reason = "the environment is read here, for the store alone")]
fn home(url: &StoreUrl) -> Result<Home, HomeError> {
    Home::s3(url, std::env::vars_os())
}

impl Config {
    /// Checks the address, reads the key, and the environment where there is a store. Nothing is asked of the store yet.
    pub fn new(options: Options) -> Result<Self, ConfigError> {
        let allowed = if options.allow_remote { Reach::Remote } else { Reach::Loopback };
        check_reach(options.listen, allowed)?;
        let members = match &options.pseudonym_key {
            Some(file) => Members::Ids(PseudonymKey::load(file)?),
            None => Members::Pseudonyms,
        };
        let poll = Duration::from_secs(options.poll_seconds);
        let home = options.store.as_ref().map(home).transpose()?;
        // A folder of its own: what is not served any more is removed from it, and the pipeline's copy may be beside it.
        let lake = if home.is_some() { options.lake.join(SERVED) } else { options.lake };
        Ok(Self { lake, home, listen: options.listen, members, poll })
    }

    /// The same configuration, looking for a new snapshot this often.
    pub fn with_poll(self, poll: Duration) -> Self {
        Self { poll, ..self }
    }
}
