//! `hachi init`: a commented configuration to start from.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use super::output;
use crate::config::TEMPLATE;

/// Arguments of `hachi init`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Replace the file if it's there
    #[arg(long)]
    force: bool,
}

/// Writes the template to the path of `--config`.
pub fn init(config: &Path, arguments: &Arguments) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    if arguments.force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let file = options.open(config).and_then(|mut file| file.write_all(TEMPLATE.as_bytes()));
    file.with_context(|| format!("failed to write `{}`; `--force` replaces a file that is there", config.display()))?;
    output::print(format_args!("wrote {}; next: name your sources in it, then `hachi check`", config.display()))?;
    Ok(())
}
