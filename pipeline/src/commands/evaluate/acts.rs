//! The site's own days, from the latest snapshot.

use std::path::PathBuf;

use crate::config::Config;
use crate::engine::EngineError;
use crate::evaluate::{Acts, Splits, TimeOptions};
use crate::run::latest_snapshot;

const ACTS: &str = include_str!("acts.sql");

/// Which days of which lake.
#[derive(Debug, clap::Args)]
pub struct Window {
    /// Days of the validation and of the test window: the last ones of the site's own days
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub window_days: u32,
    /// The lake whose latest snapshot is read; default: as configured
    #[arg(long, value_name = "DIR")]
    pub lake: Option<PathBuf>,
}

/// Cuts the acts of the latest snapshot into windows.
pub async fn days_of_site(config: &Config, options: &TimeOptions) -> anyhow::Result<Splits> {
    let snapshot = latest_snapshot(config).await?;
    let frame = snapshot.query(ACTS).await?;
    let batches = frame.collect().await.map_err(EngineError::query("execute", "the site's acts"))?;
    Ok(Acts::read(&batches)?.split(options)?)
}

impl Window {
    /// How days are cut for this site.
    pub fn options(&self, config: &Config, cutoffs: Vec<usize>, memory_limit_bytes: u64) -> TimeOptions {
        let (low, high) = config.rating_range;
        TimeOptions {
            window_days: self.window_days,
            half_life_days: config.half_life_days,
            rating_middle: f64::midpoint(low, high),
            min_members: config.learn.min_members,
            cutoffs,
            memory_limit_bytes,
        }
    }
}
