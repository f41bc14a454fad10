//! Being told to stop: a run ends at the next point at which nothing is half done. Who tells it is the doors' business.

use std::future::Future;

use tokio::sync::watch;

use super::RunError;

/// Whether a run was told to stop; clones are one.
#[derive(Debug, Clone, Default)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// Tells it, for good.
    pub fn tell(&self) {
        self.0.send_replace(true);
    }

    /// Does `work`, or gives it up where it waits once it is told.
    ///
    /// # Errors
    /// The work's own, or [`RunError::Stopped`].
    pub(super) async fn or<T>(&self, work: impl Future<Output = Result<T, RunError>>) -> Result<T, RunError> {
        let mut told = self.0.subscribe();
        tokio::select! {
            biased;
            Ok(_) = told.wait_for(|is_told| *is_told) => Err(RunError::Stopped),
            done = work => done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_given_up_where_it_waits() {
        let stop = Stop::default();
        assert!(matches!(stop.or(async { Ok(1) }).await, Ok(1)));
        let waits = stop.clone();
        let work = tokio::spawn(async move { waits.or(std::future::pending::<Result<(), _>>()).await });
        stop.tell();
        assert!(matches!(work.await, Ok(Err(RunError::Stopped))));
        assert!(matches!(stop.or(async { Ok(1) }).await, Err(RunError::Stopped)), "told is told");
    }
}
