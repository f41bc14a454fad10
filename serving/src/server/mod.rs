//! Sockets and their limits: everything between the network and the routes.

mod connection;
mod gate;
mod limits;
pub(crate) mod listener;
