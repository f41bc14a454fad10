//! The only door to a DataFusion session: limits, object stores, and where intermediate tables are kept.
//!
//! Everything that plans or executes SQL gets an [`Engine`]; nothing else may create a session (a lint says so). What
//! does not belong: what a query means.

mod error;
mod parquet_file;
mod scratch;
mod session;

pub use error::EngineError;
pub use parquet_file::{ParquetFile, writer_properties};
pub use session::{BATCH_ROWS, Engine, EngineOptions, ReadOnly};
