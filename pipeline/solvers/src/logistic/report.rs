//! How a fit went. Decides nothing.

/// Sizes and accuracy of one fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// Rows.
    pub rows: usize,
    /// Features.
    pub features: usize,
    /// Newton steps taken.
    pub iterations: usize,
    /// Whether the last step promised less than the tolerance.
    pub converged: bool,
    /// The loss at the end, with the penalty.
    pub loss: f64,
    /// The largest component of the gradient at the end.
    pub gradient: f64,
    /// Estimate that was held against the limit.
    pub required_bytes: u64,
}
