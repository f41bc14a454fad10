//! Who asks, what they may be told, and how often. Without tokens nobody is asked who they are, and only this machine is listened to.
//!
//! ```text
//! headers ──guard──▶ caller ──need──▶ answer or 403
//!            ├── service token: its SHA-256 is known (`tokens`)
//!            ├── member token: signed by the site (`members`)
//!            ├── no token, or a wrong one (`visitors`) ──▶ lists, 401
//!            └── how often (`pace`) ──▶ 429
//!
//! file ──▶ tokens in force (`register`), again and again while serving
//! ```

mod caller;
mod guard;
mod members;
mod pace;
mod reach;
mod register;
mod tokens;
mod visitors;

pub(crate) use caller::{Caller, Need};
pub(crate) use guard::Guard;
pub use reach::RemoteRefused;
pub(crate) use reach::{Reach, check_reach};
pub(crate) use register::{Look, Register, Standing};
pub use tokens::TokensError;
