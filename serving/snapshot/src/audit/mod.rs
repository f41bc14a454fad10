//! Who did what when: an append-only log in the lake, each entry bound to the one before by its hash.
//!
//! ```text
//! <lake>/audit/log.jsonl     {…, "previous": "", "hash": "a1…"}
//!                            {…, "previous": "a1…", "hash": "7c…"}  ◀── "audit" of the manifest that is committed now
//! ```
//!
//! In a lake with a home each entry is an object of its own there, and the file follows.
//!
//! A chain can't show that its end was cut off, so every manifest names the last entry before its commit. What an entry says is
//! its writer's business.

mod entry;
mod log;
mod verdict;

pub use entry::{Act, Actor, AuditEntry};
pub use log::{AuditError, AuditLog};
pub use verdict::{Broken, Verdict};

pub(crate) use verdict::entries_if_whole;
