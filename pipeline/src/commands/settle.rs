//! What follows a commit: links for whoever reads by a glob, and no more snapshots than are kept.
//!
//! The snapshot is published by then. What goes wrong here is told, and the command is a success all the same.

use super::open;
use crate::config::Config;
use crate::run::lake_of;

/// Brings the latest snapshot of the configured lake into the working copy of its home, links it, and collects old ones.
pub async fn after_commit(config: &Config) {
    warn(copy(config).await, "the working copy was not brought up to date; the next command that reads does it");
    warn(link(config).await, "`current` was not swapped; remove what is in its place, and run again");
    warn(collect(config).await, "old snapshots were not collected");
}

fn warn(done: anyhow::Result<()>, what: &str) {
    if let Err(error) = done {
        tracing::warn!("{what}: {error:#}");
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
