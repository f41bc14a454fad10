//! When the system asks the program to stop. What stopping means is the server's business.

use std::future::Future;

use tokio::signal::unix::{SignalKind, signal};

/// Registers SIGTERM and SIGINT; the future ends at the first of them.
pub fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    })
}
