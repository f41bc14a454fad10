//! What follows a commit: links for whoever reads by a glob, and no more snapshots than are kept.
//!
//! The snapshot is published by then. What goes wrong here is told, and the command is a success all the same.

use hachi_snapshot::Lake;

use super::open;
use crate::config::Config;

/// Links the latest snapshot of the configured lake, and collects old ones.
pub async fn after_commit(config: &Config) {
    if let Err(error) = link(config).await {
        tracing::warn!("`current` was not swapped: {error:#}; remove what is in its place, and run again");
    }
    if let Err(error) = collect(config).await {
        tracing::warn!("old snapshots were not collected: {error:#}");
    }
}

async fn link(config: &Config) -> anyhow::Result<()> {
    Ok(Lake::local(&config.lake)?.link_current().await?)
}

async fn collect(config: &Config) -> anyhow::Result<()> {
    let garbage = Lake::local(&config.lake)?.collect(config.keep, open::now()).await?;
    if !garbage.is_empty() {
        tracing::info!(snapshots = garbage.snapshots.len(), bytes = garbage.bytes(), "old snapshots were collected");
    }
    Ok(())
}
