//! Who asks, what they may be told, and how often. Without tokens nobody is asked who they are, and only this machine is listened to.
//!
//! ```text
//! headers ──guard──▶ caller ──need──▶ answer or 403
//!            ├── service token: its SHA-256 is known (`tokens`)
//!            ├── member token: signed by the site (`members`)
//!            └── how often (`pace`) ──▶ 429
//! ```

mod caller;
mod guard;
mod members;
mod pace;
mod reach;
mod tokens;

pub(crate) use caller::{Caller, Need};
pub(crate) use guard::Guard;
pub use reach::RemoteRefused;
pub(crate) use reach::{Reach, check_reach};
pub(crate) use tokens::Tokens;
pub use tokens::TokensError;
