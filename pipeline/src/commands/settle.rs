//! What follows a commit: links for whoever reads by a glob, and no more snapshots than are kept.
//!
//! The snapshot is published by then. What goes wrong here is told, and the command is a success all the same.

use super::open;
use crate::config::Config;
use crate::run::lake_of;

/// Brings the latest snapshot of the configured lake into the working copy of its home, links it, and collects old ones.
pub async fn after_commit(config: &Config) {
    if let Err(error) = copy(config).await {
        tracing::warn!("the working copy was not brought up to date: {error:#}; the next command that reads does it");
    }
    if let Err(error) = link(config).await {
        tracing::warn!("`current` was not swapped: {error:#}; remove what is in its place, and run again");
    }
    if let Err(error) = collect(config).await {
        tracing::warn!("old snapshots were not collected: {error:#}");
    }
}

async fn copy(config: &Config) -> anyhow::Result<()> {
    let lake = lake_of(config)?;
    match lake.latest().await?.manifest {
        Some(latest) => Ok(lake.pull(&latest).await?),
        None => Ok(()),
    }
}

async fn link(config: &Config) -> anyhow::Result<()> {
    Ok(lake_of(config)?.link_current().await?)
}

async fn collect(config: &Config) -> anyhow::Result<()> {
    let garbage = lake_of(config)?.collect(config.keep, open::now()).await?;
    if !garbage.is_empty() {
        tracing::info!(snapshots = garbage.snapshots.len(), bytes = garbage.bytes(), "old snapshots were collected");
    }
    Ok(())
}
