//! The site's own days, from the latest snapshot.

use std::path::PathBuf;

use futures::TryStreamExt;

use crate::config::Config;
use crate::engine::EngineError;
use crate::evaluate::{Acts, Splits, TimeOptions};
use crate::run::{ACTS, latest_snapshot};

/// The table with what courses say of themselves.
const FACTS: &str = "course_facts";

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
    let failed = || EngineError::query("execute", "the site's acts");
    let mut rows = snapshot.query(ACTS).await?.execute_stream().await.map_err(failed())?;
    let mut acts = Acts::default();
    while let Some(batch) = rows.try_next().await.map_err(failed())? {
        acts.add(&batch)?;
    }
    let splits = acts.split(options)?;
    if !snapshot.has(FACTS) {
        return Ok(splits);
    }
    let facts = snapshot.table(FACTS).await?.collect().await.map_err(EngineError::query("read", FACTS))?;
    Ok(splits.with_content(&facts, &config.learn.content, options.memory_limit_bytes)?)
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
