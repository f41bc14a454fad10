//! What members are asked for: what they had, and what they took up afterwards.

use hachi_solvers::Csr;

use crate::recommend::scorers::Choices;

/// FNV-1a.
const MARK_START: u64 = 0xcbf2_9ce4_8422_2325;
const MARK_FACTOR: u64 = 0x0100_0000_01b3;

/// What members had, and what they took up afterwards.
pub struct Questions<'a> {
    /// What they had when they are asked: a row for each.
    pub histories: &'a Choices,
    /// What must not be recommended, of the same rows.
    pub owned: &'a Csr,
    /// What each took up, rising.
    pub targets: Vec<&'a [u32]>,
}

impl Questions<'_> {
    /// Which half a member belongs to: by what the member had and took up, and not by what the member is called, so that it is the
    /// same under another key of pseudonyms.
    pub(super) fn half(&self, row: usize) -> usize {
        (mark(self.histories.positives.row_columns(row).iter().chain(self.targets[row])) >> 32 & 1) as usize
    }
}

/// A number of some courses.
pub(super) fn mark<'a>(courses: impl Iterator<Item = &'a u32>) -> u64 {
    courses.fold(MARK_START, |mark, course| (mark ^ u64::from(*course)).wrapping_mul(MARK_FACTOR))
}
