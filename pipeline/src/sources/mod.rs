//! Every raw table enters here: its files are located, its columns matched and converted, and it is handed to the engine.
//!
//! ```text
//! files ─locate─▶ footers ─match_columns─▶ how each column is read ─conform─▶ batches of `raw_<table>` ─▶ engine
//! ```
//!
//! Files that `ingest` wrote say so in their footer: their columns are canonical, and the site's column rules are for others.
//! A value that can't be read is null and named in `problem`; nothing is dropped. Member ids leave as pseudonyms, addresses
//! and user agents do not leave at all, nor does anything of members who were erased. What does not belong: judging rows, which
//! is staging's (see `sql/staging`).

mod access_log;
mod agents;
mod conform;
mod convert;
mod copies;
mod days;
mod declared;
mod error;
mod footprint;
mod identity;
mod locate;
mod match_columns;
mod members;
mod paths;
mod people;
mod provider;
mod quarantine;
mod rules;
mod schema;
mod stream;
mod table;
mod window;

pub use crate::domain::raw_tables::RAW_PREFIX;
pub use days::{FileDays, RawChange, RawDays, TableDays};
pub use declared::DECLARED_TABLES;
pub use error::SourceError;
pub use locate::LocatedFile;
pub use members::first_members;
pub use people::People;
pub use quarantine::QUARANTINE_FOLDER;
pub use rules::{AccessLogRules, RouteError};
pub use table::{Located, SourceSpec, SourcesOptions, locate, register, register_days};
