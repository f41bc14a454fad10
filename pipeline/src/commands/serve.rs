//! `hachi serve`: the sidecar, without a second binary.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hachi_serving::{Config as ServingConfig, Options, Server, told_to_stop};

use super::{exit, open, output};

/// Looks for a new snapshot this often, seconds.
const POLL_SECONDS: u64 = 5;
/// Impressions kept at most, as the sidecar's own binary does where nothing is said.
pub const FEEDBACK_LIMIT_MIB: u64 = 1024;

/// Arguments of `hachi serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// The lake to serve; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Who may ask: hashes of service tokens, and keys of members' tokens; without it the sidecar listens on this machine alone
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// An origin whose pages may ask, such as `https://example.org`; may be given several times
    #[arg(long, value_name = "ORIGIN")]
    cors: Vec<String>,
    /// Where impressions are kept for the next batch; without it none are taken
    #[arg(long, value_name = "DIR")]
    feedback: Option<PathBuf>,
}

/// Serves until told to stop.
pub fn serve(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    let options = Options {
        lake: config.lake.clone(),
        store: config.store.clone(),
        listen: arguments.listen,
        pseudonym_key: Some(open::key_path(&config)?),
        tokens: arguments.tokens.clone(),
        cors: arguments.cors.clone(),
        feedback: arguments.feedback.clone(),
        feedback_limit_mib: FEEDBACK_LIMIT_MIB,
        poll_seconds: POLL_SECONDS,
    };
    // For scripts that asked for port 0.
    open::block_on(config.engine.threads, async { run(options, |address| output::print(format_args!("http://{address}"))).await })
}

/// Binds, tells the address, and serves until told to stop.
pub async fn run(options: Options, bound: impl FnOnce(SocketAddr) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let server = Server::bind(ServingConfig::new(options)?).await?;
    match bound(server.addr()) {
        // Whoever started it need not read on: it serves all the same.
        Err(error) if exit::is_closed_pipe(&error) => {}
        told => told?,
    }
    server.run(told_to_stop()?).await;
    Ok(())
}
