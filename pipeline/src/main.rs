//! The pipeline's door: parse, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser;
use hachi::commands::{Cli, dispatch, exit};
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    match dispatch(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if exit::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("{}", exit::message(&error));
            ExitCode::from(exit::code(&error))
        }
    }
}
