//! One attempt as a child process: waited for, ended when its time is over, told to stop when we are.

use std::fmt;
use std::future::Future;
use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use shared_child::SharedChild;
use shared_child::unix::SharedChildExt;
use tokio::signal::unix::SignalKind;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{sleep, timeout};

/// How long a child may take to stop after SIGTERM; then it gets SIGKILL.
const GRACE: Duration = Duration::from_mins(1);

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this code; also if it was about to end when it was told to.
    Exited(i32),
    /// By a signal from elsewhere.
    Signalled,
    /// By us, because it took longer than this.
    TimedOut(Duration),
    /// By us, because we were told to stop.
    Stopped,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exit code {code}"),
            Self::Signalled => f.write_str("ended by a signal"),
            Self::TimedOut(limit) => write!(f, "not done within {}", humantime::format_duration(*limit)),
            Self::Stopped => f.write_str("stopped"),
        }
    }
}

/// Runs `program` to its end, with our stdout and stderr: at most as long as `limit`, and no longer than until `stop`.
///
/// # Errors
/// When the program can't be started.
pub async fn execute((program, arguments): (&Path, &[String]), limit: Duration, stop: impl Future<Output = ()>) -> io::Result<Ending> {
    let child = Arc::new(SharedChild::spawn(Command::new(program).args(arguments).stdin(Stdio::null()))?);
    let waits = Arc::clone(&child);
    let mut ended = spawn_blocking(move || waits.wait());
    let (status, otherwise) = tokio::select! {
        status = &mut ended => (status?, Ending::Signalled),
        () = stop => (end(&child, ended).await, Ending::Stopped),
        () = sleep(limit) => (end(&child, ended).await, Ending::TimedOut(limit)),
    };
    let status = status?;
    Ok(match (status.code(), otherwise) {
        (Some(code), Ending::Signalled) => Ending::Exited(code),
        (Some(0), _) => Ending::Exited(0),
        _ => otherwise,
    })
}

/// SIGTERM, so that it can end where nothing is half done; SIGKILL, if it does not.
async fn end(child: &SharedChild, mut ended: JoinHandle<io::Result<ExitStatus>>) -> io::Result<ExitStatus> {
    child.send_signal(SignalKind::terminate().as_raw_value())?;
    if let Ok(status) = timeout(GRACE, &mut ended).await {
        return status?;
    }
    child.kill()?;
    ended.await?
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    async fn shell(script: &str, limit: Duration, stop: impl Future<Output = ()>) -> Ending {
        let arguments = ["-c", script].map(str::to_owned);
        execute((Path::new("/bin/sh"), &arguments), limit, stop).await.expect("a shell")
    }

    #[tokio::test]
    async fn an_attempt_ends_by_its_code() {
        assert_eq!(shell("exit 0", LONG, pending()).await, Ending::Exited(0));
        assert_eq!(shell("exit 75", LONG, pending()).await, Ending::Exited(75));
        assert_eq!(shell("kill -KILL $$", LONG, pending()).await, Ending::Signalled);
        assert!(execute((Path::new("/nowhere/at/all"), &[]), LONG, pending()).await.is_err());
    }

    #[tokio::test]
    async fn an_attempt_that_takes_too_long_is_told_to_end() {
        let short = Duration::from_millis(20);
        assert_eq!(shell("exec sleep 3600", short, pending()).await, Ending::TimedOut(short));
        assert_eq!(shell("exec sleep 3600", LONG, ready(())).await, Ending::Stopped);
    }

    #[tokio::test]
    async fn what_is_done_when_it_is_told_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("ready");
        let script = format!("trap 'exit 0' TERM; : >'{}'; while :; do sleep 0.01; done", mark.display());
        let is_ready = async {
            while !mark.exists() {
                sleep(Duration::from_millis(5)).await;
            }
        };
        assert_eq!(shell(&script, LONG, is_ready).await, Ending::Exited(0));
    }
}
