//! `hachi synth`: a community of any size to try things on.

use std::path::PathBuf;

use chrono::NaiveDate;
use hachi_synth::{Params, generate};

use super::output::{print, table, thousands};
use super::progress;

/// Arguments of `hachi synth`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder to write to: one folder of Parquet per raw table
    #[arg(value_name = "DIR")]
    output: PathBuf,
    /// Members over the whole time
    #[arg(long, value_name = "N", default_value_t = 300)]
    members: u32,
    /// Local days of log
    #[arg(long, value_name = "D", default_value_t = 90)]
    days: u32,
    /// First local day
    #[arg(long, value_name = "DAY", default_value = "2026-01-01")]
    start: NaiveDate,
    /// Same seed, same bytes
    #[arg(long, value_name = "N", default_value_t = 8)]
    seed: u64,
    /// Courses; default: by members
    #[arg(long, value_name = "N")]
    courses: Option<u32>,
}

/// Makes the community and says what it holds.
pub fn synth(arguments: &Arguments) -> anyhow::Result<()> {
    let params = Params {
        members: arguments.members,
        days: arguments.days,
        start: arguments.start,
        seed: arguments.seed,
        courses: arguments.courses,
        threads: std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
        ..Params::default()
    };
    let bar = progress::rows();
    let summary = generate(&params, &arguments.output, &mut |now| {
        bar.set_position(now.log_rows);
        bar.set_message(format!("day {} of {}", now.days_done, now.days));
    });
    bar.finish_and_clear();
    let rows = summary?.tables.into_iter().map(|t| vec![t.name.to_owned(), thousands(t.rows), t.files.to_string(), thousands(t.bytes)]);
    print(format_args!("{}", table(&["table", "rows", "files", "bytes"], rows.collect(), &[1, 2, 3])))?;
    Ok(())
}
