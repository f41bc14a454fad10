//! One file per verb of the command line: what is typed in, what is shown out.
//!
//! Doors know people, the clock and the environment; what is done, they leave to the rooms below.

mod audit;
mod check;
mod demo;
mod diff;
mod evaluate;
pub mod exit;
mod files;
mod forget;
mod gc;
mod ingest;
mod init;
mod keys;
mod open;
mod output;
mod plan;
mod progress;
mod pseudonym;
mod record;
mod rollback;
mod run;
mod runs;
mod schedule;
mod serve;
mod settle;
mod snapshots;
mod sources;
mod sql;
mod summary;
mod synth;
mod tune;
mod verify;
mod watch;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Turns a learning community's logs and ratings into retention tables, features and recommendations.
#[derive(Debug, Parser)]
#[command(name = "hachi", version, arg_required_else_help = true)]
pub struct Cli {
    /// The site's configuration
    #[arg(long, global = true, value_name = "FILE", default_value = "hachi.toml")]
    config: PathBuf,
    /// Lines of the log as `human` or `json`; RUST_LOG says which, e.g. RUST_LOG=hachi=info
    #[arg(long, global = true, value_enum, default_value_t)]
    log_format: hachi_serving::LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build everything from the sample data, show it, and serve it
    Demo(demo::Arguments),
    /// Write a commented hachi.toml
    Init(init::Arguments),
    /// Read logs, CSV or JSON lines into raw Parquet
    Ingest(ingest::Arguments),
    /// Validate configuration, sources and all SQL without running
    Check,
    /// Show the graph of tables and what a run would do
    Plan(plan::Arguments),
    /// Build the tables and publish a snapshot
    Run(run::Arguments),
    /// Show how the last runs went
    Runs(runs::Arguments),
    /// Run what `hachi.toml` says, when it says so
    Schedule(schedule::Arguments),
    /// Answer a query from the latest snapshot
    Sql(sql::Arguments),
    /// List the snapshots that are kept
    Snapshots(snapshots::Arguments),
    /// Show what is different between two snapshots
    Diff(diff::Arguments),
    /// List the files of a table
    Files(files::Arguments),
    /// Hash every file of a snapshot, and tell which is not what was published
    Verify(verify::Arguments),
    /// Take readers back to an older snapshot
    Rollback(rollback::Arguments),
    /// Remove old snapshots, and what killed runs left
    Gc(gc::Arguments),
    /// Show the raw tables as the models see them
    Sources(sources::Arguments),
    /// Serve the latest snapshot to the site
    Serve(serve::Arguments),
    /// Tell the pseudonyms of members to whoever holds the key
    Pseudonym(pseudonym::Arguments),
    /// Erase members from the lake, older snapshots and all, and keep a proof that names nobody
    Forget(forget::Arguments),
    /// Show who did what to the lake, and whether that record is sound
    Audit(audit::Arguments),
    /// Tell how good models are, on given files or on the site's own days
    Evaluate(evaluate::Arguments),
    /// Search the parameters of a model that do best on the site's own days
    Tune(tune::Arguments),
    /// Make a synthetic community of any size
    Synth(synth::Arguments),
}

/// Runs the command that was typed.
///
/// # Errors
/// Whatever went wrong, with its causes; [`exit::code`] tells the exit code.
pub fn dispatch(cli: Cli) -> anyhow::Result<()> {
    // A run shows its progress on a bar; whoever wants a line per model says so. A scheduler has nothing else to show.
    let is_schedule = matches!(cli.command, Command::Schedule(_));
    cli.log_format.start(if is_schedule { "warn,hachi::schedule=info" } else { "warn" });
    let config = cli.config.as_path();
    match cli.command {
        Command::Demo(arguments) => demo::demo(config, &arguments),
        Command::Init(arguments) => init::init(config, &arguments),
        Command::Ingest(arguments) => ingest::ingest(config, &arguments),
        Command::Check => check::check(config),
        Command::Plan(arguments) => plan::plan(config, &arguments),
        Command::Run(arguments) => run::run(config, &arguments),
        Command::Runs(arguments) => runs::runs(config, &arguments),
        Command::Schedule(arguments) => schedule::schedule(config, (&arguments, cli.log_format)),
        Command::Sql(arguments) => sql::sql(config, &arguments),
        Command::Snapshots(arguments) => snapshots::snapshots(config, &arguments),
        Command::Diff(arguments) => diff::diff(config, &arguments),
        Command::Files(arguments) => files::files(config, &arguments),
        Command::Verify(arguments) => verify::verify(config, &arguments),
        Command::Rollback(arguments) => rollback::rollback(config, &arguments),
        Command::Gc(arguments) => gc::gc(config, &arguments),
        Command::Sources(arguments) => sources::sources(config, &arguments),
        Command::Serve(arguments) => serve::serve(config, &arguments),
        Command::Pseudonym(arguments) => pseudonym::pseudonym(config, &arguments),
        Command::Forget(arguments) => forget::forget(config, &arguments),
        Command::Audit(arguments) => audit::audit(config, &arguments),
        Command::Evaluate(arguments) => evaluate::evaluate(config, &arguments),
        Command::Tune(arguments) => tune::tune(config, &arguments),
        Command::Synth(arguments) => synth::synth(&arguments),
    }
}

fn no_snapshot(number: u64) -> String {
    format!("there is no snapshot {number} that can be read; `hachi snapshots` lists those that are kept")
}
