//! How log lines look. What is logged is said where it happens; never a member's id.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

/// Shape of a log line, on stderr.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// Starts logging what RUST_LOG says, `unless_said` without it. A second call changes nothing.
    pub fn start(self, unless_said: &str) {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(unless_said));
        let lines =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
        // Fails only where logging was started before.
        let _ = match self {
            Self::Human => lines.try_init(),
            Self::Json => lines.json().try_init(),
        };
    }
}
