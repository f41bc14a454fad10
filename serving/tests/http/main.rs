//! The sidecar over real sockets, on a small real lake.

mod answers;
mod client;
mod lake;
mod limits;
mod process;
mod reload;
mod sidecar;
