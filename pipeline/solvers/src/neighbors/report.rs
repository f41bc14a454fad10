//! What a search for neighbours found. Decides nothing.

/// Sizes of one fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Users.
    pub users: usize,
    /// Courses.
    pub courses: usize,
    /// Stored entries of the positives.
    pub entries: usize,
    /// Neighbours kept, of all courses.
    pub neighbours: usize,
    /// Estimate that was held against the limit.
    pub required_bytes: u64,
}
