//! The sidecar's own door: command line in, exit code out. Everything else is the library's.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use hachi_serving::{Config, LogFormat, Options, Server, told_to_stop};
use tikv_jemallocator::Jemalloc;

/// Connections and answers come and go by the hundred thousand.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// What went wrong is on stderr; clap itself exits with 2 for a wrong command line.
const EXIT_FAILURE: u8 = 1;

/// Serves the recommendations and KPIs that a hachi pipeline has published.
///
/// Starts without a snapshot too, and becomes ready when the first is published. A new snapshot is verified and swapped in while
/// serving; SIGHUP looks for one, and for changed tokens, at once. SIGTERM drains and stops.
#[derive(Parser)]
#[command(name = "hachi-serving", version)]
struct Cli {
    #[command(flatten)]
    options: Options,
    /// How log lines look; RUST_LOG says which are written.
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Each retry of a store is a line of its own; what came of them is reported.
    cli.log_format.start("info,object_store=warn");
    match run(cli.options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(EXIT_FAILURE)
        }
    }
}

fn run(options: Options) -> anyhow::Result<()> {
    let config = Config::new(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("could not start the runtime")?;
    runtime.block_on(async {
        let server = Server::bind(config).await?;
        // For scripts that asked for port 0; nobody listening is fine.
        let _ = writeln!(std::io::stdout(), "http://{}", server.addr());
        server.run(told_to_stop()?).await;
        Ok(())
    })
}
