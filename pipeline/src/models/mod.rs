//! SQL models: one file, one table; their headers, their graph, what a run would do, and how it is done.
//!
//! Pure: [`by_day`], [`header`], [`parameters`], [`catalog`], [`kpis`], [`stages`], [`graph`], [`select`], [`plan`],
//! [`predicate`]. Against an engine: [`execute`], [`checks`], [`segments`]. What does not belong: SQL text, and which
//! tables there are (see `sql/`).

pub mod by_day;
pub mod catalog;
pub mod checks;
pub mod error;
pub mod execute;
pub mod graph;
pub mod header;
pub mod kpis;
pub mod parameters;
pub mod plan;
pub mod predicate;
mod privacy;
pub mod segments;
pub mod select;
pub mod stages;

pub use catalog::{Catalog, Model};
pub use error::ModelError;
pub use graph::Graph;
pub use header::{Header, Kind};
pub use parameters::Parameters;
pub use plan::{Action, Plan, Step};
pub use select::Selection;
