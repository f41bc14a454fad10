//! Pure numerics of the recommender: faer matrices in, faer matrices out.
//!
//! A folder is an algorithm and a file is a verb: `problem` checks what goes in, `solve` computes, `report` says how well.
//! No ids, tables, files, clock or async belong here. Results don't depend on the number of threads: work is cut at fixed
//! places, each piece is computed by one thread, and pieces are summed in a fixed order.

pub mod als;
mod cholesky;
pub mod ease;
mod error;
mod gram;
mod histories;
pub mod ials;
pub mod logistic;
mod memory;
pub mod neighbors;
pub mod ridge;
mod simd;
mod sparse;
mod spd;
pub mod svd;
pub mod top;

pub use error::{Error, Result};
pub use memory::{check_memory, dense_bytes};
pub use sparse::Csr;
