//! Tables become matrices here, and matrices become columns: Arrow ⇄ Polars ⇄ faer, ids ⇄ dense indices.
//!
//! ```text
//! RecordBatch ──read──▶ DataFrame ──group, filter, sort──▶ Pairs ──ids──▶ Csr or Mat ──solvers──▶ Mat ──columns──▶ RecordBatch
//! ```
//! Indices follow the order of ids, so equal tables give equal matrices whatever the order of their rows. What is learned
//! from the matrices belongs to `recommend` and `insight`.

mod columns;
mod error;
mod gram;
mod ids;
mod interner;
mod optional;
mod pairs;
mod read;
mod standard;

pub use columns::factor_column;
pub use error::FramesError;
pub use gram::Gram;
pub use ids::Ids;
pub use interner::Interner;
pub use optional::{instants_us, optional_integers, optional_numbers, optional_texts, text_lists};
pub use pairs::{PairNames, Pairs};
pub use read::{Field, Kind, presence, ranked_texts, read_frame, text_values};
pub use standard::standardise_rows;
