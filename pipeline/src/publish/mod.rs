//! From finished rows to a snapshot that people see: draft → hash → serving file → commit.
//!
//! Files are written under a fresh run id, sealed (synced, re-opened, hashed), and named by a manifest that is created last.
//! Until then nobody sees them. What does not belong: computing tables, and the commit protocol itself (`hachi-snapshot`).

mod canonical;
mod catalogue;
mod changes;
mod content_hash;
mod contract;
mod documents;
mod draft;
mod error;
mod facets;
mod lists;
mod lock;
mod parts;
mod serve_file;
mod session_model;

pub use canonical::{batch as canonical_batch, schema as canonical_schema};
pub use changes::{TableChange, table_changes};
pub use content_hash::ContentHash;
pub use contract::{ContractChange, contract_changes};
pub use draft::{Draft, Written};
pub use error::PublishError;
pub use facets::FacetTable;
pub use lock::{LockError, WriterLock};
pub use parts::{PartsWriter, combined_hash, part_name};
pub use serve_file::{ServeInputs, ServeStreams, write_serve_file};
