//! What a site declares of itself in `hachi.toml` and its models then read: retention, funnels, segments, weights of acts.

use std::collections::BTreeMap;

/// Everything that is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// Which acts count for retention.
    pub retention: Retention,
    /// By name.
    pub funnels: Vec<Funnel>,
    /// By name.
    pub segments: Vec<Segment>,
    /// Kind of act → what one says about a member's affinity to a course, millionths; other kinds have their own weights.
    pub weights: BTreeMap<String, i64>,
}

/// Which acts start a cohort, which are a return, and when a member is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    /// Kinds of act that start a cohort; none: every kind.
    pub start: Option<Vec<String>>,
    /// Kinds of act that are a return; none: every kind.
    pub returns: Option<Vec<String>>,
    /// Kinds of interaction that end a membership.
    pub end: Vec<String>,
    /// Days of silence after which a member counts as gone.
    pub gone_after_days: u32,
    /// Spans of periods, by unit and first period.
    pub brackets: Vec<Bracket>,
}

/// A span of periods that retention is told for as one number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bracket {
    /// `day`, `week` or `month`.
    pub unit: String,
    /// First period; 0 = the cohort's own.
    pub first: u32,
    /// Last period; none: it has no end.
    pub last: Option<u32>,
}

/// Acts that lead to an end, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    /// Its name.
    pub name: String,
    /// Kinds of act.
    pub steps: Vec<String>,
    /// Days from the first step within which the others count.
    pub window_days: u32,
}

/// Members for whom a predicate is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// An SQL predicate over a member's columns.
    pub predicate: String,
    /// For people.
    pub description: String,
}
