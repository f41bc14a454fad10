//! Notices that the tokens' file has changed, so that tokens and keys are changed without a restart. What is in force belongs to `auth`.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::auth::{Look, Register};
use crate::metrics::Metrics;

/// The watch over the tokens' file.
#[derive(Debug)]
pub(crate) struct Rotation {
    register: Arc<Register>,
    metrics: Arc<Metrics>,
    poll: Duration,
    hangup: Signal,
}

impl Rotation {
    /// Registers for SIGHUP; the file is looked at in [`Rotation::run`].
    pub(crate) fn new(register: Arc<Register>, metrics: Arc<Metrics>, poll: Duration) -> std::io::Result<Self> {
        let hangup = signal(SignalKind::hangup())?;
        Ok(Self { register, metrics, poll, hangup })
    }

    /// Looks at the file at every poll and every SIGHUP, until `stopped` turns true.
    pub(crate) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(self.poll) => (),
                _ = self.hangup.recv() => (),
            }
            self.look().await;
        }
    }

    async fn look(&self) {
        let register = Arc::clone(&self.register);
        // A folder in the network may be slow to answer.
        let Ok(look) = tokio::task::spawn_blocking(move || register.look(now())).await else { return };
        match look {
            Look::Same => return,
            Look::Taken(tokens, keys) => {
                tracing::info!(tokens, keys, "other tokens are in force: {tokens} of services, {keys} keys of members'");
            }
            Look::Failed(reason) => tracing::error!(reason, "the tokens can't be used, the old ones stay: {reason}"),
        }
        self.metrics.tokens_failing.set(i64::from(self.register.standing().failure.is_some()));
    }
}

/// The clock, for `/status` only.
#[expect(clippy::disallowed_methods, reason = "told to operators; no answer depends on it")]
fn now() -> DateTime<Utc> {
    Utc::now()
}
