//! The sidecar over real sockets, on a small real lake.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that can't go on has failed")]
#![expect(clippy::disallowed_methods, reason = "tests wait for other processes, with a deadline")]

mod access;
mod answers;
mod client;
mod feedback;
mod hostile;
mod lake;
mod limits;
mod openapi;
mod pages;
mod process;
mod reload;
mod rotation;
mod sidecar;
mod slow;
mod stop;
mod tokens;
