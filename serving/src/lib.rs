//! The sidecar: answers the site's requests from the latest published snapshot, which it verifies, opens and swaps in while serving.
//!
//! ```text
//! main ─▶ config ─▶ server ─▶ routes ─▶ answers ─▶ snapshot file
//!                     ├─▶ reload ─▶ current ◀─┘
//!                     └─▶ rotation ─▶ auth
//! ```
//!
//! It computes nothing ahead, and writes nothing but feedback and what it fetches from a store; a failed reload keeps what it has. Used
//! by its own binary and by `hachi serve` and `hachi demo`.

mod answers;
mod auth;
mod codings;
mod config;
mod cors;
mod current;
mod feedback;
mod logs;
mod metrics;
mod pages;
mod problem;
mod reload;
mod rendered;
mod rotation;
mod routes;
mod server;
mod signals;

pub use auth::{RemoteRefused, TokensError};
pub use config::{Config, ConfigError, Options};
pub use feedback::FeedbackError;
pub use logs::LogFormat;
pub use server::listener::{ServeError, Server, serve};
pub use signals::told_to_stop;
