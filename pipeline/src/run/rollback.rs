//! Taking readers back to an older snapshot: a new manifest that names the old files. Nothing is built, and no file is written.
//!
//! The next run goes on from there: what it compares with is the old snapshot's record of the raw files, so it builds the days since.

use chrono::{DateTime, Utc};
use hachi_snapshot::{CommitError, LakeError, Manifest, PullError, VerifyError};
use thiserror::Error;

use super::publication::COMMITTED_BY;
use super::{Project, RunError, latest_manifest, open_lake};
use crate::engine::KeyringError;

/// Why readers stay with the latest snapshot.
#[derive(Debug, Error)]
pub enum RollbackError {
    /// No such snapshot, or no more.
    #[error("there is no snapshot {0}; `hachi snapshots` lists those that are kept")]
    Unknown(u64),
    /// The latest.
    #[error("snapshot {0} is the latest already")]
    Latest(u64),
    /// Its pseudonyms are others.
    #[error(
        "snapshot {0} was published with another pseudonym key, so no reader would find a member; set `privacy.key_file` to that key, or go back less far"
    )]
    OtherKey(u64),
    /// It may hold members who are erased by now.
    #[error("snapshot {0} was published with another list of erased members, and what is erased does not come back; go back less far")]
    OtherErased(u64),
    /// Nobody could read it.
    #[error("snapshot {number} can't be read by today's configuration, so no run could go on from it")]
    Locked {
        /// The snapshot.
        number: u64,
        /// What is missing.
        #[source]
        source: KeyringError,
    },
    /// Its files are not what was published.
    #[error("{damaged} of {files} files of snapshot {number} are damaged; go back to another one")]
    Damaged {
        /// The snapshot.
        number: u64,
        /// Files that are missing or changed.
        damaged: usize,
        /// All files that it names.
        files: usize,
        /// What is wrong with the first of them.
        #[source]
        first: Box<VerifyError>,
    },
    /// Opening the lake.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Reading the lake.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// Bringing its files from the home.
    #[error(transparent)]
    Pull(#[from] PullError),
    /// Committing.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Publishes snapshot `number` of the lake of `project` once more, as the latest, under the fresh name `run_id`; `now` is by the clock.
///
/// # Errors
/// When it is not there, can't be read by today's readers, or someone else publishes meanwhile; the latest snapshot stays then.
pub async fn rollback(project: &Project, number: u64, (run_id, now): (&str, DateTime<Utc>)) -> Result<Manifest, RollbackError> {
    let lake = open_lake(&project.config)?;
    let latest = latest_manifest(&lake).await?;
    if latest.number == number {
        return Err(RollbackError::Latest(number));
    }
    if !lake.numbers().await?.contains(&number) {
        return Err(RollbackError::Unknown(number));
    }
    let old = lake.manifest(number).await?;
    fits_today(project, &old)?;
    let mut damages = lake.damages(old.files()).await;
    if !damages.is_empty() {
        let damaged = damages.len();
        return Err(RollbackError::Damaged { number, damaged, files: old.files().count(), first: Box::new(damages.swap_remove(0)) });
    }
    lake.pull(&old).await?;
    let draft = lake.letting_go(old.again(run_id, latest.number, COMMITTED_BY), project.config.keep, now).await?;
    Ok(lake.commit(draft).await?)
}

/// Whether it names members as today's runs do, and none who is erased by now, and can be read.
fn fits_today(project: &Project, old: &Manifest) -> Result<(), RollbackError> {
    if !old.hashes.fits_key(&project.key.fingerprint()) {
        return Err(RollbackError::OtherKey(old.number));
    }
    if old.hashes.erased != project.people.erased_fingerprint(&project.key) {
        return Err(RollbackError::OtherErased(old.number));
    }
    for table in old.tables.iter().chain(&old.state) {
        project.config.keys.covers(table).map_err(|source| RollbackError::Locked { number: old.number, source })?;
    }
    Ok(())
}
