//! Estimates of memory, held against a limit before anything is allocated. What is estimated belongs to each solver.

use crate::error::{Error, Result};

/// Threads that estimates reckon with, so that they don't depend on the machine.
pub(crate) const ASSUMED_THREADS: usize = 16;

/// Refuses what needs more bytes than `limit`.
///
/// # Errors
/// [`Error::Memory`].
pub fn check_memory(what: &'static str, required: u64, limit: u64, remedy: &'static str) -> Result<()> {
    if required > limit {
        return Err(Error::Memory { what, required, limit, remedy });
    }
    Ok(())
}

/// The bytes of a dense matrix, saturating.
pub fn dense_bytes(rows: usize, columns: usize, bytes_per_value: u64) -> u64 {
    (rows as u64).saturating_mul(columns as u64).saturating_mul(bytes_per_value)
}
