//! The rules as the site declares them.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// What a boost may be, and what several boosts of one course may come to: more would switch the models off.
pub const BOOST_RANGE: RangeInclusive<f64> = 0.1..=10.0;

/// Rules for lists; by default what a member owns or has completed is left out, and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct RulesOptions {
    /// Whether courses that a member took up, but has not completed, are left out.
    pub exclude_owned: bool,
    /// Whether courses that a member completed are left out.
    pub exclude_completed: bool,
    /// Whether a course must be in the member's language, or in one of its fallbacks.
    pub same_language: bool,
    /// Language → languages that its speakers are shown too.
    pub fallback_languages: BTreeMap<String, Vec<String>>,
    /// Courses that cost more are left out, hundredths of the currency; none: whatever they cost.
    pub price_max_cents: Option<i64>,
    /// Courses of one author on a list, at most; none: any number.
    pub max_per_author: Option<usize>,
    /// Course → courses to be completed before.
    pub prerequisites: BTreeMap<String, Vec<String>>,
    /// What is pushed, or held back a little.
    pub boosts: Boosts,
}

/// What scores are multiplied by; within [`BOOST_RANGE`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Boosts {
    /// By tag, lowercase.
    pub tags: BTreeMap<String, f64>,
    /// By course.
    pub courses: BTreeMap<String, f64>,
}

impl Default for RulesOptions {
    fn default() -> Self {
        Self {
            exclude_owned: true,
            exclude_completed: true,
            same_language: false,
            fallback_languages: BTreeMap::new(),
            price_max_cents: None,
            max_per_author: None,
            prerequisites: BTreeMap::new(),
            boosts: Boosts::default(),
        }
    }
}
