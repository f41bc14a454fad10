//! A snapshot and a question in, an answer out. No HTTP, no clock, nothing that waits.

pub(crate) mod courses;
pub(crate) mod experiments;
pub(crate) mod filter;
pub(crate) mod kpis;
pub(crate) mod lifecycle;
pub(crate) mod members;
pub(crate) mod models;
pub(crate) mod recommendations;
pub(crate) mod retention;
pub(crate) mod session;
pub(crate) mod snapshot;
