//! What must hold of a finished table: of its rows ([`of_rows`]), of their number ([`of_table`]), and beside another table
//! ([`relationships`]).
//!
//! A check says what it found and never ends a run by itself: [`refuse`] does, once all checks of a table are known. What a
//! header names in `warn` is told and blocks nothing. What does not belong: which rows are looked at, which is the run's.

mod outcome;
mod relationships;
mod rows;
mod table;
mod verify;

pub use outcome::{blocking, refuse};
pub use relationships::relationships;
pub use rows::{all, of_rows};
pub use table::of_table;
pub use verify::{verify_columns, verify_references};
