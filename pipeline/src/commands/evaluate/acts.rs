//! The site's own days, from the latest snapshot.

use std::path::PathBuf;

use crate::config::Config;
use crate::engine::EngineError;
use crate::evaluate::{Acts, Splits, TimeOptions};
use crate::run::{ACTS, FACTS, latest_snapshot, read_acts, time_options};

/// Which days of which lake.
#[derive(Debug, clap::Args)]
pub struct Window {
    /// Days of the validation and of the test window: the last ones of the site's own days; default: as configured
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub window_days: Option<u32>,
    /// The lake whose latest snapshot is read; default: as configured
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
}

/// Cuts the acts of the latest snapshot into windows.
pub async fn days_of_site(config: &Config, options: &TimeOptions) -> anyhow::Result<Splits> {
    let snapshot = latest_snapshot(config).await?;
    let splits = read_acts(snapshot.query(ACTS).await?, Acts::default()).await?.split(options)?;
    if !snapshot.has(FACTS) {
        return Ok(splits);
    }
    let facts = snapshot.table(FACTS).await?.collect().await.map_err(EngineError::query("read", FACTS))?;
    Ok(splits.with_content(&facts, &config.learn.content, options.memory_limit_bytes)?)
}

impl Window {
    /// How days are cut for this site.
    pub fn options(&self, config: &Config, cutoffs: Vec<usize>, memory_limit_bytes: u64) -> TimeOptions {
        let window_days = self.window_days.unwrap_or(config.evaluation.window_days);
        time_options(config, window_days, cutoffs, memory_limit_bytes)
    }
}
