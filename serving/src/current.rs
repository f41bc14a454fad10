//! The snapshot being served, and how the search for a newer one goes. Finding and opening snapshots is `reload`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::answers::snapshot::Snapshot;

/// One place that requests read and `reload` writes.
#[derive(Debug, Default)]
pub(crate) struct Current {
    snapshot: RwLock<Option<Arc<Snapshot>>>,
    search: Mutex<Search>,
    stopping: AtomicBool,
}

/// How the search for a newer snapshot goes.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Search {
    /// When the lake was last looked at.
    pub(crate) checked_at: Option<DateTime<Utc>>,
    /// When the served snapshot was swapped in.
    pub(crate) activated_at: Option<DateTime<Utc>>,
    /// Why something newer is not served; none where the newest is.
    pub(crate) failure: Option<Failure>,
}

/// A snapshot that could not be served, while the old one still is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    /// Its number; none where the lake itself could not be read.
    pub(crate) number: Option<u64>,
    /// Why, with all causes.
    pub(crate) reason: String,
}

impl Current {
    /// The snapshot for one request: hold on to it until the answer is complete.
    pub(crate) fn snapshot(&self) -> Option<Arc<Snapshot>> {
        // Nothing can panic while these locks are held, so a poisoned one holds a whole value.
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Swaps in a snapshot. Requests under way keep theirs, which closes with the last of them.
    pub(crate) fn activate(&self, snapshot: Snapshot) {
        let new = Some(Arc::new(snapshot));
        let old = std::mem::replace(&mut *self.snapshot.write().unwrap_or_else(PoisonError::into_inner), new);
        // Closing a file takes its time: not under the lock.
        drop(old);
    }

    /// How the search goes.
    pub(crate) fn search(&self) -> Search {
        self.search.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how the search goes.
    pub(crate) fn note(&self, change: impl FnOnce(&mut Search)) {
        change(&mut self.search.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// From now on no proxy should send new requests.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the sidecar is being stopped.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
