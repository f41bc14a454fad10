//! What runs when, as configured.

use std::time::Duration;

use chrono::SecondsFormat;
use serde::Deserialize;

use super::{Calendar, Slot};

/// In a job's arguments: the time at which it was due, RFC 3339 in UTC.
pub const SLOT: &str = "{slot}";

/// What becomes of times at which nothing ran: the machine was off, or another run took long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// They are skipped, unless the latest is a few minutes ago.
    Skip,
    /// The latest runs now, those before it are skipped.
    #[default]
    RunOnce,
    /// Each runs, in order.
    RunAll,
}

/// A command that runs by itself.
#[derive(Debug, Clone)]
pub struct Job {
    /// Unique, lowercase.
    pub name: String,
    /// When.
    pub calendar: Calendar,
    /// Arguments of `hachi`.
    pub command: Vec<String>,
    /// Times at which nothing ran.
    pub missed: Missed,
    /// Attempts after the first, of what may pass.
    pub retries: u32,
    /// Pause before the first of them; each is twice as long as the one before.
    pub backoff: Duration,
    /// After this long an attempt is ended.
    pub timeout: Duration,
}

impl Job {
    /// Arguments of `hachi` for the time `slot`.
    #[must_use]
    pub fn arguments(&self, slot: Slot) -> Vec<String> {
        let due = slot.to_rfc3339_opts(SecondsFormat::Secs, true);
        self.command.iter().map(|argument| argument.replace(SLOT, &due)).collect()
    }
}
