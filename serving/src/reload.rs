//! Looks for a new snapshot, verifies and opens it, and only then swaps it in. On any failure the old one stays.
//!
//! ```text
//! poll or SIGHUP ─▶ latest manifest ─▶ newer? ─▶ fetch, verify hashes ─▶ open ─▶ swap
//!                                                 └── any failure: keep, say so in /status and a metric ──┘
//! ```
//! With a store, the manifest is the store's, and its serving files are fetched first. The sidecar starts from what it has fetched
//! before, so that it serves while the store is away.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use hachi_snapshot::{KEEP_HOURS_MIN, Lake, LakeError, Latest, Manifest, ManifestError, PullError, ReadError, ServeReader};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::answers::snapshot::{AnswerError, Snapshot};
use crate::current::{Current, Failure};
use crate::metrics::{Activation, Metrics};

/// Share of the poll interval by which each wait differs, so that many sidecars don't ask at once.
const JITTER_PARTS: u64 = 10;
/// A snapshot that failed is tried again after 1, 2, 4, … polls, at most this many: verifying a large one costs.
const RETRY_POLLS_MAX: u32 = 64;
/// A download that was cut off is removed after so long.
const HALVES_AGE: TimeDelta = TimeDelta::hours(KEEP_HOURS_MIN as i64);
/// At the start, how many older snapshots are tried where the newest fails.
const FALLBACKS_MAX: usize = 8;

/// The search for newer snapshots.
#[derive(Debug)]
pub(crate) struct Reload {
    lake: Lake,
    current: Arc<Current>,
    metrics: Arc<Metrics>,
    /// Fingerprint of the key that turns ids into pseudonyms, where there is one.
    key: Option<String>,
    poll: Duration,
    hangup: Signal,
    failed: Option<Failed>,
}

/// A manifest that failed, and when to try it again.
#[derive(Debug)]
struct Failed {
    manifest_hash: String,
    tries: u32,
    polls_left: u32,
}

/// A snapshot that may be swapped in, and what it cost, in seconds.
struct Candidate {
    snapshot: Snapshot,
    verified_s: f64,
    opened_s: f64,
}

/// Why a snapshot can't be served.
#[derive(Debug, thiserror::Error)]
enum ReloadError {
    #[error("could not read the lake")]
    Lake(#[from] LakeError),
    #[error("a file of the snapshot is missing or damaged")]
    Files(#[from] PullError),
    #[error("it was published with another pseudonym key, so no member would be found; start the sidecar with the pipeline's key")]
    OtherKey,
    #[error("the manifest names no serving file")]
    NothingToServe,
    #[error("could not open the snapshot")]
    Open(#[from] ReadError),
    #[error("could not load the snapshot")]
    Load(#[from] AnswerError),
    #[error("the manifest can't be used")]
    Manifest(#[from] ManifestError),
    #[error("opening the snapshot was cut short")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Reload {
    /// Registers for SIGHUP; nothing is read before [`Reload::run`].
    pub(crate) fn new(lake: Lake, current: Arc<Current>, metrics: Arc<Metrics>, poll: Duration) -> std::io::Result<Self> {
        let hangup = signal(SignalKind::hangup())?;
        Ok(Self { lake, current, metrics, key: None, poll, hangup, failed: None })
    }

    /// Serves only what was published with the key of this fingerprint.
    pub(crate) fn with_key(self, fingerprint: Option<String>) -> Self {
        Self { key: fingerprint, ..self }
    }

    /// Searches until `stopped` turns true. Sidecars with different seeds ask at different moments.
    pub(crate) async fn run(mut self, seed: u64, mut stopped: watch::Receiver<bool>) {
        if self.lake.home().is_some() {
            // The store may be away, which takes its time to be sure of.
            self.start_from(&self.lake.copy(), u64::MAX).await;
        }
        for tick in 0.. {
            self.search().await;
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(jittered(self.poll, seed, tick)) => (),
                _ = self.hangup.recv() => self.failed = None,
            }
        }
    }

    async fn search(&mut self) {
        self.current.note(|search| search.checked_at = Some(now()));
        match self.lake.latest().await {
            Ok(latest) => self.consider(latest).await,
            Err(error) => self.report(None, &ReloadError::Lake(error)),
        }
    }

    async fn consider(&mut self, latest: Latest) {
        if let Some(newest) = latest.skipped.first() {
            self.report(Some(newest.number), newest);
        }
        let Some(manifest) = latest.manifest else { return };
        if self.waits(&manifest) {
            return;
        }
        let number = manifest.number;
        let served = self.serves(&manifest) || self.attempt(manifest).await;
        if served && latest.skipped.is_empty() {
            self.current.note(|search| search.failure = None);
            self.metrics.reload_failing.set(0);
        }
        if !served && self.current.served().is_none() {
            self.start_from(&self.lake, number).await;
        }
    }

    /// Tries to serve a snapshot; says whether it is served.
    async fn attempt(&mut self, manifest: Manifest) -> bool {
        let (number, manifest_hash) = (manifest.number, manifest.manifest_hash.clone());
        let before = self.current.served().map(|served| served.snapshot.stamp().number);
        // What was let go may have been forgotten.
        let before = before.filter(|before| manifest.keeps_from.is_none_or(|from| *before >= from));
        match self.open(&self.lake, manifest).await {
            Ok(opened) => {
                self.failed = None;
                self.activate(opened).await;
                self.let_go(number, before).await;
                true
            }
            Err(error) => {
                self.remember(manifest_hash);
                self.report(Some(number), &error);
                false
            }
        }
    }

    /// Of what was fetched, keeps what is served and what was before it, which may be gone back to.
    async fn let_go(&self, served: u64, before: Option<u64>) {
        let kept: Vec<u64> = [served].into_iter().chain(before).collect();
        if let Err(error) = self.lake.keep_copied(&kept, now() - HALVES_AGE).await {
            tracing::warn!(reason = with_causes(&error), "what is not served any more was not removed");
        }
    }

    /// At the start: the last good snapshot of `lake` is better than none. What is newer stays reported as failed.
    async fn start_from(&self, lake: &Lake, failed: u64) {
        let Ok(numbers) = lake.numbers().await else { return };
        let older = numbers.into_iter().rev().filter(|number| *number < failed);
        for number in older.take(FALLBACKS_MAX) {
            let Ok(manifest) = lake.manifest(number).await else { continue };
            if let Ok(opened) = self.open(lake, manifest).await {
                return self.activate(opened).await;
            }
        }
    }

    async fn open(&self, lake: &Lake, manifest: Manifest) -> Result<Candidate, ReloadError> {
        if self.key.as_ref().is_some_and(|key| !manifest.hashes.fits_key(key)) {
            return Err(ReloadError::OtherKey);
        }
        let lake = lake.clone();
        let here = tokio::runtime::Handle::current();
        // Hashing gigabytes would hold up requests: it gets a thread of its own.
        tokio::task::spawn_blocking(move || {
            let (verified, verified_s) = timed(|| here.block_on(lake.bring_serve(&manifest)));
            verified?;
            let (loaded, opened_s) = timed(|| load(&lake, &manifest));
            Ok(Candidate { snapshot: loaded?, verified_s, opened_s })
        })
        .await?
    }

    async fn activate(&self, opened: Candidate) {
        let Candidate { snapshot, verified_s, opened_s } = opened;
        let stamp = snapshot.stamp();
        let (old, swapped_s) = timed(|| self.current.activate(snapshot));
        // Closing a file and giving back what was loaded would hold up requests. Nothing can be done where it fails.
        let _ = tokio::task::spawn_blocking(move || drop(old)).await;
        self.current.note(|search| search.activated_at = Some(now()));
        self.metrics.tried(Activation::Success);
        self.metrics.serves(stamp.number, stamp.as_of.timestamp());
        tracing::info!(number = stamp.number, verified_s, opened_s, swapped_s, "serving snapshot {}", stamp.number);
    }

    /// Says that something newer is not served: once, however often it is tried.
    fn report(&self, number: Option<u64>, error: &(dyn Error + 'static)) {
        let failure = Failure { number, reason: with_causes(error) };
        if self.current.search().failure.as_ref() == Some(&failure) {
            return;
        }
        tracing::error!(number, reason = failure.reason, "a new snapshot can't be served, the old one stays: {}", failure.reason);
        self.metrics.tried(Activation::Failure);
        self.metrics.reload_failing.set(1);
        self.current.note(|search| search.failure = Some(failure));
    }

    fn serves(&self, manifest: &Manifest) -> bool {
        self.current.served().is_some_and(|served| served.snapshot.manifest_hash() == manifest.manifest_hash)
    }

    /// Whether it is too early to try a manifest that failed before.
    fn waits(&mut self, manifest: &Manifest) -> bool {
        let Some(failed) = self.failed.as_mut().filter(|failed| failed.manifest_hash == manifest.manifest_hash) else {
            return false;
        };
        failed.polls_left = failed.polls_left.saturating_sub(1);
        failed.polls_left > 0
    }

    fn remember(&mut self, manifest_hash: String) {
        let before = self.failed.take().filter(|failed| failed.manifest_hash == manifest_hash);
        let tries = before.map_or(0, |failed| failed.tries.saturating_add(1));
        let polls_left = 1_u32.checked_shl(tries).unwrap_or(RETRY_POLLS_MAX).min(RETRY_POLLS_MAX);
        self.failed = Some(Failed { manifest_hash, tries, polls_left });
    }
}

fn load(lake: &Lake, manifest: &Manifest) -> Result<Snapshot, ReloadError> {
    let file = manifest.serve.first().ok_or(ReloadError::NothingToServe)?;
    let reader = ServeReader::open(lake.file(&file.path)?)?;
    Ok(Snapshot::load(manifest, reader)?)
}

/// What something gives, and how many seconds it takes.
#[expect(clippy::disallowed_methods, reason = "told to operators; no answer depends on it")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let started = Instant::now();
    let result = work();
    (result, started.elapsed().as_secs_f64())
}

/// The clock, for `/status` only.
#[expect(clippy::disallowed_methods, reason = "told to operators; no answer depends on it")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The interval, up to a tenth longer or shorter; the same for the same seed and tick.
fn jittered(poll: Duration, seed: u64, tick: u64) -> Duration {
    // SplitMix64: neighbouring seeds and ticks give unrelated numbers.
    let mut mixed = (seed << 32 | tick).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let poll_ms = u64::try_from(poll.as_millis()).unwrap_or(u64::MAX / 2);
    let span_ms = poll_ms / JITTER_PARTS;
    let jitter_ms = (mixed ^ (mixed >> 31)) % (2 * span_ms + 1);
    Duration::from_millis(poll_ms - span_ms + jitter_ms)
}

/// An error and its causes, joined by colons.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let (mut parts, mut cause) = (Vec::new(), Some(error));
    while let Some(error) = cause {
        parts.push(error.to_string());
        cause = error.source();
    }
    // A transparent or quoting error says the same as its cause.
    parts.dedup_by(|cause, error| error.contains(cause.as_str()));
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use hachi_snapshot::VerifyError;

    use super::*;

    #[test]
    fn jitter_stays_within_a_tenth_and_differs() {
        let poll = Duration::from_secs(5);
        let waits: Vec<Duration> = (0..1000).map(|tick| jittered(poll, 8787, tick)).collect();
        assert!(waits.iter().all(|wait| (4_500..=5_500).contains(&wait.as_millis())));
        assert_ne!(waits[0], waits[1]);
        assert_ne!(jittered(poll, 1, 0), jittered(poll, 2, 0));
        assert_eq!(jittered(poll, 1, 0), jittered(poll, 1, 0));
    }

    #[test]
    fn causes_are_told_once() {
        let error = ReloadError::Files(VerifyError::Size { path: "x".to_owned(), expected: 2, found: 1 }.into());
        let expected = "a file of the snapshot is missing or damaged: `x` has 1 bytes, but its manifest says 2";
        assert_eq!(with_causes(&error), expected);
    }
}
