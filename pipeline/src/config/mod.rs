//! What a site wrote in `hachi.toml` ([`File`]) and what it means ([`Config`]).
//!
//! Each room's options are gathered here, so that no room below reads a file, a flag or the environment. What does not
//! belong: doing anything with the options.

mod declared;
mod encryption;
mod error;
mod file;
mod freshness;
mod observability;
mod recommend;
mod resolve;
mod schedule;

pub use encryption::{Encryption, KeyPlace};
pub use error::ConfigError;
pub use file::{Column, File, Source};
pub use freshness::Freshness;
pub use observability::{Observability, Places};
pub use recommend::EvaluationConfig;
pub use resolve::{Config, SourceConfig, WeekStart};

/// The commented configuration that `hachi init` writes; a test holds it to the schema.
pub const TEMPLATE: &str = include_str!("template.toml");
