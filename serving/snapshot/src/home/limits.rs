//! What a store is given before it counts as away, and how much is moved at a time.

use std::time::Duration;

/// How often a request is sent again after an error that may pass.
pub(super) const RETRIES: usize = 6;
/// The first pause before that, the longest, and what each is longer than the one before; all with jitter.
pub(super) const BACKOFF_FIRST: Duration = Duration::from_millis(100);
pub(super) const BACKOFF_LONGEST: Duration = Duration::from_secs(8);
pub(super) const BACKOFF_FACTOR: f64 = 2.0;
/// A request and all that it is sent again for: after this no more is tried.
pub(super) const RETRY_TIMEOUT: Duration = Duration::from_mins(1);
/// A connection that is not made by then counts as failed.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// One request with its answer, which is a part of a file at most: 280 kB a second.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A file is put and fetched in parts of so many bytes; stores want at least 5 MiB.
pub(super) const PART_BYTES: u64 = 8 << 20;
/// A store takes no more parts of one file; those of a larger file are longer.
pub(super) const PARTS_MAX: u64 = 10_000;
/// Parts of one file that are under way at a time.
pub(super) const PARTS_AT_ONCE: usize = 4;
/// Files that are under way at a time.
pub(super) const FILES_AT_ONCE: usize = 4;
/// Small questions, such as whether a file is there.
pub(super) const ASKED_AT_ONCE: usize = 64;
/// How often something is created again that is neither there nor refused.
pub(super) const CREATE_TRIES: usize = 3;
/// How often files are fetched again that were collected from the copy meanwhile.
pub(super) const PULL_TRIES: usize = 3;
