//! The only door to a DataFusion session: limits, object stores, and where intermediate tables are kept.
//!
//! Everything that plans or executes SQL gets an [`Engine`]; nothing else may create a session (a lint says so). What
//! does not belong: what a query means.

mod decryption;
mod error;
mod key_material;
mod keyring;
mod parquet_file;
mod scratch;
mod session;

pub use error::EngineError;
pub use keyring::{Keyring, KeyringError, MasterKey, Writes};
pub use parquet_file::ParquetFile;
pub use session::{BATCH_ROWS, Engine, EngineOptions, ReadOnly};
