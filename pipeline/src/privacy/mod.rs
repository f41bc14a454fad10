//! Numbers on few members, held back before they are published: exact rows in, rows that may be shown out.
//!
//! ```text
//! exact rows ─grid─▶ cells ─small─▶ hidden alone ─lines─▶ hidden with what would give them away ─write─▶ rows, `suppressed`
//! ```
//!
//! A *cell* is one number of a count column. With `k` = the smallest group that may be told of, a cell is hidden
//! - where 0 < n < k, or 0 < s − n < k for a part n of s, or where s itself is hidden;
//! - where it was hidden before, until it is k away from what it was then: a number that stands still never comes out, and so
//!   does not tell what stood beside it;
//! - where the cells of a *line*, which add up to a known total, would tell a hidden one: what is hidden of a line is at least two
//!   cells, of k members together, and for parts also k members left out.
//!
//! A cell that was shown keeps the number it was shown with until it is k away from it, and with it the row: of two snapshots, none
//! tells what a few members did in between. Numbers that still grow from day to day are not shown until they are final. Pure: what was shown and hidden before is handed in. What does not belong: which columns count
//! members, which a model's header says.

mod before;
mod bridges;
mod cells;
mod error;
mod grid;
mod ledger;
mod lines;
mod parted;
mod release;
mod rules;
mod small;
mod solve;
#[cfg(test)]
mod tests;
mod write;

pub use before::{Before, Hidden};
pub use error::PrivacyError;
pub use ledger::Ledger;
pub use release::{Released, release};
pub use rules::{Rules, SUPPRESSED, SUPPRESSED_MEANING};
