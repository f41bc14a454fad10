//! The snapshot being served, and how the search for a newer one goes. Finding and opening snapshots is `reload`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::answers::snapshot::Snapshot;
use crate::rendered::Kept;

/// One place that requests read and `reload` writes.
#[derive(Debug, Default)]
pub(crate) struct Current {
    served: RwLock<Option<Arc<Served>>>,
    search: Mutex<Search>,
    stopping: AtomicBool,
}

/// A snapshot, and what it has answered.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) snapshot: Snapshot,
    pub(crate) kept: Kept,
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
    pub(crate) fn served(&self) -> Option<Arc<Served>> {
        // Nothing can panic while these locks are held, so a poisoned one holds a whole value.
        self.served.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Swaps in a snapshot, and gives back the old one. Requests under way keep theirs, which closes with the last of them.
    pub(crate) fn activate(&self, snapshot: Snapshot) -> Option<Arc<Served>> {
        let new = Some(Arc::new(Served { snapshot, kept: Kept::default() }));
        std::mem::replace(&mut *self.served.write().unwrap_or_else(PoisonError::into_inner), new)
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
