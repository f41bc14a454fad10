//! The queue before the files, and the thread behind it, which writes all that waits at once.

use chrono::{NaiveDate, Utc};
use tokio::sync::{mpsc, oneshot};

use super::log::{AppendError, Log};

/// Requests that may wait; of at most 64 KiB each.
const QUEUE_MAX: usize = 1_024;
/// Bytes written before those who wait are told.
const BATCH_BYTES_MAX: usize = 4 << 20;

/// Where rows go in. The thread ends when the last of these is gone and everything is written.
#[derive(Debug)]
pub(crate) struct Feedback {
    queue: mpsc::Sender<Entry>,
}

/// Why rows were not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Too many wait.
    Busy,
    /// There is no room left.
    Full,
    /// The disk failed; the log says how.
    Failed,
}

struct Entry {
    lines: Vec<u8>,
    told: oneshot::Sender<Result<(), Refused>>,
}

impl Feedback {
    /// Starts the thread.
    pub(crate) fn start(log: Log) -> std::io::Result<Self> {
        let (queue, entries) = mpsc::channel(QUEUE_MAX);
        std::thread::Builder::new().name("feedback".to_owned()).spawn(move || write_all(log, entries))?;
        Ok(Self { queue })
    }

    /// Keeps whole lines: they are on the disk when this returns.
    pub(crate) async fn keep(&self, lines: Vec<u8>) -> Result<(), Refused> {
        let (told, outcome) = oneshot::channel();
        self.queue.try_send(Entry { lines, told }).map_err(|_| Refused::Busy)?;
        outcome.await.unwrap_or(Err(Refused::Failed))
    }
}

fn write_all(mut log: Log, mut entries: mpsc::Receiver<Entry>) {
    while let Some(first) = entries.blocking_recv() {
        let mut lines = first.lines;
        let mut waiting = vec![first.told];
        while lines.len() < BATCH_BYTES_MAX {
            let Ok(next) = entries.try_recv() else { break };
            lines.extend(next.lines);
            waiting.push(next.told);
        }
        let outcome = log.append(today(), &lines).map_err(|error| refusal(&error));
        for told in waiting {
            // Who has gone away doesn't want to know.
            let _ = told.send(outcome);
        }
    }
}

fn refusal(error: &AppendError) -> Refused {
    tracing::error!(error = error as &dyn std::error::Error, "impressions were refused: {error}");
    match error {
        AppendError::Full { .. } => Refused::Full,
        AppendError::Io(source) if source.kind() == std::io::ErrorKind::StorageFull => Refused::Full,
        AppendError::Io(_) => Refused::Failed,
    }
}

#[expect(clippy::disallowed_methods, reason = "names a file; rows have their own instants")]
fn today() -> NaiveDate {
    Utc::now().date_naive()
}
