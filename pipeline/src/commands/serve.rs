//! `hachi serve`: the sidecar, without a second binary.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hachi_serving::{Config as ServingConfig, Options, Server, told_to_stop};

use super::{exit, open, output};

/// Looks for a new snapshot this often, seconds.
const POLL_SECONDS: u64 = 5;

/// Arguments of `hachi serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// The lake to serve; default: as configured
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// Listen on an address that other machines can reach; put the sidecar behind the site's proxy then
    #[arg(long)]
    allow_remote: bool,
}

/// Serves until told to stop.
pub fn serve(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let config = open::config(config, arguments.lake.as_deref(), None)?;
    let options = Options {
        lake: config.lake.clone(),
        store: config.store.clone(),
        listen: arguments.listen,
        pseudonym_key: Some(open::key_path(&config)?),
        allow_remote: arguments.allow_remote,
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
