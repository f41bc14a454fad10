//! How often somebody may ask: a bucket of tokens for each, that fills up again, and a bound on how many buckets there are.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::problem::Problem;

/// Whose buckets are kept at once: at 100 bytes each, a few megabytes.
const KEYS_MAX: usize = 65_536;

/// Requests a second, and as many at once, by key.
#[derive(Debug)]
pub(crate) struct Pace<K: Hash + Eq + Clone> {
    requests_per_second: NonZeroU32,
    buckets: Arc<RateLimiter<K, HashMapStateStore<K>, DefaultClock>>,
}

impl<K: Hash + Eq + Clone> Pace<K> {
    pub(crate) fn new(requests_per_second: NonZeroU32) -> Self {
        Self { requests_per_second, buckets: Arc::new(RateLimiter::hashmap(Quota::per_second(requests_per_second))) }
    }

    /// Goes on with the buckets of `before` where they fill up as fast: a changed file gives nobody a fresh start.
    pub(super) fn resume(&mut self, before: &Self) {
        if self.requests_per_second == before.requests_per_second {
            self.buckets = Arc::clone(&before.buckets);
        }
    }

    /// Counts one request, or says when to ask again.
    pub(crate) fn take(&self, key: &K) -> Result<(), Problem> {
        if self.buckets.len() >= KEYS_MAX {
            self.buckets.retain_recent();
        }
        // All of them asked within the last moments: that is too much, whoever it is.
        if self.buckets.len() >= KEYS_MAX {
            return Err(Problem::too_many(1));
        }
        self.buckets.check_key(key).map_err(|early| {
            let wait = early.wait_time_from(DefaultClock::default().now());
            Problem::too_many(wait.as_secs().saturating_add(1))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_bucket() {
        let pace = Pace::new(NonZeroU32::MIN);
        assert_eq!(pace.take(&"ann"), Ok(()));
        assert_eq!(pace.take(&"ann"), Err(Problem::too_many(1)));
        assert_eq!(pace.take(&"bob"), Ok(()));
    }

    #[test]
    fn buckets_go_on_unless_the_pace_is_another() {
        let before = Pace::new(NonZeroU32::MIN);
        before.take(&"ann").unwrap();
        let resumed = |requests_per_second| {
            let mut pace = Pace::new(requests_per_second);
            pace.resume(&before);
            pace.take(&"ann")
        };
        assert_eq!(resumed(NonZeroU32::MIN), Err(Problem::too_many(1)));
        assert_eq!(resumed(NonZeroU32::new(2).unwrap()), Ok(()));
    }
}
